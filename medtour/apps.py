from django.apps import AppConfig


class MedtourConfig(AppConfig):
    name = "medtour"

    def ready(self) -> None:
        from medtour import checks  # noqa: F401  (registers the checks)
