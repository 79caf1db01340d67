"""People with numbers and agreements, and sites with accounts at providers, for tests."""

from medtour.lib import clock
from messaging.addresses import address_fingerprint
from messaging.models import ChannelConsent, ContactPoint, ReachPreference
from tests.factories.messaging import MessageFactory
from tests.providers import sms, whatsapp

NUMBER = "+97699112233"
NEWS = "payments.share_paid"


def with_number(user, *, number=NUMBER, **fields):
    """Give an account a proven number, without any agreement yet."""
    ReachPreference.objects.get_or_create(user=user)
    return ContactPoint.objects.create(
        user=user,
        number=number,
        fingerprint=address_fingerprint(number),
        code_channel="sms",
        verified_at=clock.now(),
        **fields,
    )


def agreed(user, *channels, category="service"):
    """Let an account agree to channels, as the page would."""
    ReachPreference.objects.get_or_create(user=user)
    for channel in channels:
        ChannelConsent.objects.create(
            user=user,
            category=category,
            channel=channel,
            text="Tell me",
            language="en",
            source="test",
            given_at=clock.now(),
        )


def preferring(user, **fields):
    row, _is_new = ReachPreference.objects.update_or_create(user=user, defaults=fields)
    user.reach = row
    return user


def news(user, **fields):
    """Return a due message about the account that needs nothing else to be true."""
    return MessageFactory(kind=NEWS, recipient=user, context={}, **fields)


def site_with_whatsapp(settings, provider):
    settings.WHATSAPP_API_URL = provider.address
    settings.WHATSAPP_PHONE_NUMBER_ID = whatsapp.PHONE_NUMBER_ID
    settings.WHATSAPP_TOKEN = whatsapp.TOKEN
    settings.WHATSAPP_APP_SECRET = whatsapp.APP_SECRET
    settings.WHATSAPP_VERIFY_TOKEN = whatsapp.VERIFY_TOKEN


def site_with_sms(settings, provider):
    settings.SMS_GATEWAY_URL = provider.address
    settings.SMS_GATEWAY_TOKEN = sms.TOKEN
    settings.SMS_GATEWAY_SECRET = sms.SECRET
    settings.SMS_GATEWAY_DEDUPES = provider.dedupes
