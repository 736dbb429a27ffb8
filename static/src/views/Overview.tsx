import { retryInWords } from "../closeCodes.ts";
import type { ApiDocument } from "../document.ts";
import { channelHref } from "../route.ts";
import { Address } from "./Address.tsx";
import { Inline, Prose } from "./Prose.tsx";

export function Overview({ document }: { document: ApiDocument }) {
  return (
    <>
      <header class="page-head">
        <p class="eyebrow">
          {document.version !== "" && <span>Version {document.version}</span>}
          <span>AsyncAPI {document.asyncapi}</span>
        </p>
        <h1 class="title" tabIndex={-1} data-testid="title">
          {document.title}
        </h1>
        <Prose text={document.description} />
      </header>
      {document.references.broken.length > 0 && (
        <p class="notice" role="alert">
          The document refers to what it does not hold: {document.references.broken.join(", ")}. The page shows the rest.
        </p>
      )}
      <section>
        <h2>Channels</h2>
        {document.channels.length === 0 && (
          <p class="notice">
            The document has no channels. Route a consumer with <code>chanx.routing.path</code> and load the page again.
          </p>
        )}
        <ul class="cards">
          {document.channels.map((channel) => (
            <li key={channel.name}>
              <a href={channelHref(channel.name)} data-testid="overview-channel" data-channel={channel.name}>
                <Address address={channel.address ?? channel.name} />
                <span class="card-text">
                  <Inline text={channel.summary ?? firstParagraph(channel.description) ?? channel.title ?? ""} />
                </span>
                <span class="card-counts">
                  <span class="sent">↑ {channel.sends.length}</span>{" "}
                  <span class="received">↓ {channel.incoming.length}</span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      <div class="directions">
        {document.servers.length > 0 && (
          <section>
            <h2>Servers</h2>
            <dl class="facts stacked">
              {document.servers.map(({ name, protocol, host, pathname, title, description }) => (
                <div key={name}>
                  <dt>{title ?? name}</dt>
                  <dd>
                    <p>
                      <code>{`${protocol}://${host}${pathname}`}</code>
                    </p>
                    <Prose text={description} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}
        {document.securitySchemes.length > 0 && (
          <section>
            <h2>Sign-in</h2>
            <dl class="facts stacked">
              {document.securitySchemes.map(({ name, type, carrier, description, asSubprotocol }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <p>
                      <code>{carrier || type}</code>
                      {asSubprotocol && <span class="quiet"> in a browser: as a subprotocol</span>}
                    </p>
                    <Prose text={description} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}
      </div>
      {document.closeCodes.length > 0 && (
        <section>
          <h2>Close codes</h2>
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Code</th>
                  <th scope="col">Name</th>
                  <th scope="col">Meaning</th>
                  <th scope="col">Retry</th>
                </tr>
              </thead>
              <tbody>
                {document.closeCodes.map(({ code, daphne, name, meaning, retry }) => (
                  <tr key={code}>
                    <td>
                      <code>{code}</code>
                      {daphne !== undefined && daphne !== code && <span class="quiet"> ({daphne})</span>}
                    </td>
                    <td>{name}</td>
                    <td>{meaning}</td>
                    <td>{retryInWords(retry)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </>
  );
}

function firstParagraph(text: string | undefined): string | undefined {
  return text?.trim().split(/\n\s*\n/)[0];
}
