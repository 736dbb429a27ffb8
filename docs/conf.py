"""How Sphinx builds these pages. `make docs` treats every warning as an error."""

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TypeVar

import django
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# The reference imports chanx, and parts of it import Django models: the demo project lends its settings.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "management"))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

project = "chanx"
author = "The chanx authors"
project_copyright = "2026, The chanx authors"
release = version = installed_version("chanx")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
# Pages may link to each other's headings.
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

# A public name of ours that is referred to must be described. Foreign names cannot be checked without their
# inventories, which would have to be downloaded.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!chanx).*|.*\._.*")]

html_theme = "furo"
html_title = f"chanx {release}"
html_show_sourcelink = False


def type_variable_as_text(
    _app: Sphinx, _env: BuildEnvironment, node: pending_xref, text: nodes.TextElement
) -> nodes.TextElement | None:
    """A signature refers to its type variables, which have no entry to link to: leave them as text."""
    module, _, name = node.get("reftarget", "").rpartition(".")
    return text if isinstance(getattr(sys.modules.get(module), name, None), TypeVar) else None


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", type_variable_as_text)
