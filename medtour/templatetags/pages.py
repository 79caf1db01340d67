"""Links to the pages around this one, rendered once for each place among so many pages."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import get_template
from django.utils.safestring import SafeString

from medtour.templatetags.frames import OPENS, Frame, filled, frame, gap
from medtour.templatetags.show import page_language


def page_links(page: Any, query: QueryDict, parameter: str) -> SafeString:
    """Return the links; `query` is a copy of the address's choices, and all but one are kept."""
    query[parameter] = OPENS
    before, _mark, after = query.urlencode().partition(f"{parameter}={quote(OPENS)}")
    parts = _links(page.number, page.paginator.num_pages, f"{parameter}=", page_language())
    return filled(parts, query_before=before, query_after=after)


@lru_cache(maxsize=1024)
def _links(present: int, last: int, parameter: str, language: str) -> Frame:
    page = Paginator(range(last), 1).page(present)
    numbers = page.paginator.get_elided_page_range(present, on_each_side=2, on_ends=1)

    def address(number: int) -> str:
        return f"?{gap('query_before')}{parameter}{number}{gap('query_after')}"

    links = {
        "page": page,
        "links": [(n, address(n) if isinstance(n, int) else "") for n in numbers],
        "before": address(present - 1) if present > 1 else "",
        "after": address(present + 1) if present < last else "",
    }
    return frame(get_template("components/pager.html").render(links))
