"""How Sphinx builds these pages. `make docs` treats every warning as an error."""

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

import django

# The reference imports chanx, and parts of it import Django models: the demo project lends its settings.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "management"))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

project = "chanx"
author = "The chanx authors"
project_copyright = "2026, The chanx authors"
release = version = installed_version("chanx")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
# Pages may link to each other's headings.
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

# A name of ours that is referred to must exist. Foreign names cannot be checked without their inventories,
# which would have to be downloaded.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!chanx).*")]

html_theme = "furo"
html_title = f"chanx {release}"
html_show_sourcelink = False
