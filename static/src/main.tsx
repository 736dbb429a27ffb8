import { render } from "preact";
import "./styles/index.css";
import type { Surroundings } from "./session.ts";
import { Page } from "./views/Page.tsx";

const surroundings: Surroundings = {
  location: window.location,
  createSocket: (url, subprotocols) => new WebSocket(url, [...subprotocols]),
  now: () => Date.now(),
};

const root = document.getElementById("chanx-page");
if (root === null) throw new Error("The page has no element #chanx-page: use the template chanx_asyncapi/page.html.");
// What stands there until now is for a browser in which this script did not run.
root.replaceChildren();
const { documentUrl = "", restDocsUrl } = root.dataset;
render(<Page documentUrl={documentUrl} restDocsUrl={restDocsUrl} surroundings={surroundings} />, root);
