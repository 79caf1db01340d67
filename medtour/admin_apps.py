from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin with our own site as the default one."""

    default_site = "medtour.admin_site.DeskSite"
