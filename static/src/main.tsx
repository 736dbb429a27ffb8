import { render } from "preact";
import "./styles/index.css";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { browserStorage } from "./console/storage.ts";
import { loadText } from "./load.ts";
import type { Surroundings } from "./session.ts";
import { applyTheme, rememberedTheme } from "./theme.ts";
import { Page } from "./views/Page.tsx";

const root = document.getElementById("chanx-page");
if (root === null) throw new Error("The page has no element #chanx-page: use the template chanx_asyncapi/page.html.");
const { theme } = document.documentElement.dataset;
applyTheme(document.documentElement, rememberedTheme(() => window.localStorage, theme));
// What stands there until now is for a browser in which this script did not run.
root.replaceChildren();
const pages = document.getElementById("chanx-pages")?.textContent ?? undefined;
const configuration: Configuration = { ...readConfiguration(root, pages), theme };
const surroundings: Surroundings = {
  location: window.location,
  createSocket: (url, subprotocols) => new WebSocket(url, [...subprotocols]),
  now: () => Date.now(),
  later: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
  storage: browserStorage(window),
  loadSnippets: () => loadText(configuration.snippetsUrl),
};

render(<Page configuration={configuration} surroundings={surroundings} />, root);
