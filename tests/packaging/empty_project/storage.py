"""A storage that gives hashed names to what scripts import, too."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class Rewriting(ManifestStaticFilesStorage):
    """Django's, with what it does not do by default."""

    support_js_module_import_aggregation = True
