"""A mail backend that takes its time, so that a kill lands in the middle of its work."""

import time

from messaging.channels import development_mail


class EmailBackend(development_mail.EmailBackend):
    """Waits before and after the mail is written, both inside the transaction."""

    def send_messages(self, email_messages):
        time.sleep(0.04)
        sent = super().send_messages(email_messages)
        time.sleep(0.04)
        return sent
