from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin with our AdminSite as the default one."""

    default_site = "shopadmin.admin.ShopAdminSite"
