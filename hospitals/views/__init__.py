from hospitals.views.home import home

__all__ = ["home"]
