"""``path("", include("chanx_asyncapi.urls"))`` serves the documents and their pages.

- ``/asyncapi/``, ``/asyncapi.json``, ``/asyncapi.yaml``: the document; at the first URL the client chooses the format.
- ``/asyncapi.snippets.json``: examples of code for its operations, in each language that clients can be made in.
- ``/ws-docs/``: the page that shows it.
- ``/asyncapi/NAME/``, ``/asyncapi/NAME.json``, ``/asyncapi/NAME.yaml``: a document that the settings name.
- ``/asyncapi/NAME.snippets.json``, ``/ws-docs/NAME/``: its snippets, and its page.
"""

from django.urls import path

from chanx_asyncapi.views import DocumentView, PageView, SnippetsView

app_name = "chanx_asyncapi"

urlpatterns = [
    path("asyncapi/", DocumentView.as_view(format=None), name="document"),
    path("asyncapi.json", DocumentView.as_view(format="json"), name="document-json"),
    path("asyncapi.yaml", DocumentView.as_view(format="yaml"), name="document-yaml"),
    path("asyncapi.snippets.json", SnippetsView.as_view(), name="snippets"),
    path("ws-docs/", PageView.as_view(), name="page"),
    path("asyncapi/<slug:document>/", DocumentView.as_view(format=None), name="named-document"),
    path("asyncapi/<slug:document>.json", DocumentView.as_view(format="json"), name="named-document-json"),
    path("asyncapi/<slug:document>.yaml", DocumentView.as_view(format="yaml"), name="named-document-yaml"),
    path("asyncapi/<slug:document>.snippets.json", SnippetsView.as_view(), name="named-snippets"),
    path("ws-docs/<slug:document>/", PageView.as_view(), name="named-page"),
]
