"""The only sentences that leave by phone: that there is news, and where to sign in (MS-02).

They are written here once for each language, not translated with the pages: WhatsApp's templates
were approved in these words. Nothing in them may say about what, from whom or for whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# What a variable of a phone message may be. Everything else is refused by a test.
VARIABLES = frozenset({"letter", "code"})


@dataclass(frozen=True, slots=True)
class WhatsAppTemplate:
    """An approved template: its name at the provider, category, variables of body and button."""

    name: str
    category: str
    body: tuple[str, ...]
    button: tuple[str, ...]
    texts: Mapping[str, str]


UPDATE_TEXTS = {
    "en": "Medtour: you have an update. Sign in to read it.",
    "zh-hans": "Medtour：您有一条新消息。请登录查看。",
    "ru": "Medtour: у вас новое сообщение. Войдите, чтобы прочитать его.",
    "id": "Medtour: ada kabar baru untuk Anda. Masuk untuk membacanya.",
    "vi": "Medtour: quý vị có thông báo mới. Hãy đăng nhập để đọc.",
    "mn": "Medtour: танд шинэ мэдээ ирлээ. Нэвтэрч орж уншина уу.",
    "ar": "Medtour: لديك رسالة جديدة. سجّل الدخول لقراءتها.",
    "fr": "Medtour : vous avez un nouveau message. Connectez-vous pour le lire.",
}
CODE_TEXTS = {
    "en": "{code} is your Medtour code. Do not give it to anybody.",
    "zh-hans": "您的 Medtour 验证码是 {code}。请勿告诉任何人。",
    "ru": "{code} — ваш код Medtour. Никому его не сообщайте.",
    "id": "{code} adalah kode Medtour Anda. Jangan berikan kepada siapa pun.",
    "vi": "{code} là mã Medtour của quý vị. Đừng đưa mã này cho ai.",
    "mn": "{code} бол таны Medtour код. Хэнд ч бүү өгөөрэй.",
    "ar": "{code} هو رمز Medtour الخاص بك. لا تعطه لأحد.",
    "fr": "{code} est votre code Medtour. Ne le donnez à personne.",
}
# WhatsApp's names of languages; it has none for Mongolian (MS-02).
WHATSAPP_LANGUAGES = {
    "en": "en",
    "zh-hans": "zh_CN",
    "ru": "ru",
    "id": "id",
    "vi": "vi",
    "ar": "ar",
    "fr": "fr",
}
TEMPLATES = {
    "update": WhatsAppTemplate(
        name="medtour_update_1",
        category="utility",
        body=(),
        button=("letter",),
        texts=UPDATE_TEXTS,
    ),
    "code": WhatsAppTemplate(
        name="medtour_code_1",
        category="authentication",
        body=("code",),
        button=("code",),
        texts=CODE_TEXTS,
    ),
}
