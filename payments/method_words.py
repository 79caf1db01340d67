"""What the ways to pay are called, wherever a person reads one."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

METHODS: dict[str, Promise] = {
    "card": _("Card"),
    "alipay": _("Alipay"),
    "wechat_pay": _("WeChat Pay"),
    "bank_transfer": _("Bank transfer"),
}


def method_text(method: str) -> str:
    """Return a way to pay in words; one that has no words yet is shown by the gateway's name."""
    return str(METHODS.get(method, method))
