"""Categories of care are shown in words, known or not."""

import pytest
from django.utils import translation

from payments.presenters.categories import category_label


@pytest.mark.parametrize(
    ("slug", "shown"),
    [
        ("cancer-care", "Cancer care"),
        ("diagnostics", "Tests and imaging"),
        ("hair-removal", "Hair removal"),
        ("", ""),
    ],
)
def test_a_category_in_words(slug, shown):
    with translation.override("en"):
        assert str(category_label(slug)) == shown
