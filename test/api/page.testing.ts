// The page docs/control/api.md as text, made from the route table. Not for anything but the test that keeps the page true.

import { type Access, type ErrorKind, errorKinds, listOf, type NamedRoute, type RouteTable } from '#routes';

const HEAD = `# The API of the controller

Made from the route table by a test; change \`src/core/routes\` and run \`npm run golden\`.

One HTTPS port (7443 unless configured otherwise) serves people and programs. The same table that this page is made from validates
every request, says who may ask it, and gives the OpenAPI 3.1 document at \`/v1/openapi.json\`.

## Asking

- **Who.** A session (\`Cookie\` of a browser, or \`Authorization: Bearer\` on the command line) or an API token (\`Authorization: Bearer\`).
  Roles are by domain: viewer, operator, approver, owner, each including the ones before it. A token also needs the scope of the route, and
  never does more than the person who made it. "fresh" below: a person who proved to be there within the last five minutes; no token.
- **From a browser.** A request with a cookie that changes something carries an \`Origin\` of the controller and \`Picket-Request: 1\`. There is no CORS.
- **Bodies** are JSON in UTF-8 (\`Content-Type: application/json\`), uncompressed, at most 1 MB where nothing else is said, without a field twice and without
  unknown fields.
- **Lists** take \`?limit=\` (100, at most 1000) and \`?cursor=\` (the \`next\` of the page before), and answer \`{items, next}\`.
- **Revisions.** What has revisions answers with an \`ETag\`; a change names it in \`If-Match\` ("If-Match" below). Another one meanwhile: 412, and nothing was changed.
- **Streams** are server-sent events. The data of each message is a list, its id the one to send as \`Last-Event-ID\` to go on; at most ten messages a second, a
  heartbeat every 15 s. A stream ends within 15 s when its follower may no longer follow.
- **HEAD** answers as GET without a body, **OPTIONS** with \`Allow\`. Headers that override methods are refused.

## Answers that refuse

Problem details (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "type": "/v1/problems/PICKET-C422",
  "title": "values are not as needed",
  "status": 422,
  "detail": "cannot use the body: body.id: a domain is like a DNS name in lower case; nothing was changed",
  "code": "PICKET-C422",
  "hint": null,
  "where": "body.id",
  "trace": "names this request in the log; also in the header Picket-Trace",
  "problems": [{ "code": "PICKET-C422", "message": "…", "where": "body.id", "help": null }]
}
\`\`\`

A domain that you have no role in answers like one that does not exist. Too many requests: 429 with \`Retry-After\`.
`;

export function pageText(table: RouteTable): string {
  const areas = Object.keys(table).map((area) =>
    areaText(
      area,
      listOf(table).filter((one) => one.area === area),
    ),
  );
  return `${HEAD}\n## Routes\n\n${areas.join('\n')}\n## Codes\n\n${codesText(errorKinds())}`;
}

function areaText(area: string, routes: readonly NamedRoute[]): string {
  const rows = routes.map(({ route }) => {
    const notes = [route.ifMatch === 'needed' ? 'If-Match' : '', route.answer.kind === 'events' ? 'stream' : ''];
    const own = Object.keys(route.errors).map((code) => code.replace('PICKET-', ''));
    const what = [route.summary, ...notes.filter((note) => note !== '')].join('; ');
    return `| ${route.method} | \`${route.path}\` | ${whoText(route.access)} | ${what} | ${own.join(' ')} |`;
  });
  return `### ${area}\n\n| | path | who | what | own codes |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function whoText(access: Access): string {
  switch (access.kind) {
    case 'open':
      return 'anybody';
    case 'logged-on':
      return 'person or token';
    case 'self':
      return access.isFresh === true ? 'person, fresh' : 'person';
    case 'role':
      return access.isFresh === true ? `${access.role}, fresh` : `${access.role} (${access.scope})`;
    case 'agent':
      return 'agent';
  }
}

function codesText(kinds: ReadonlyMap<string, ErrorKind>): string {
  const rows = [...kinds]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, { status, title }]) => `| ${code} | ${status} | ${title} |`);
  return `What each means and the way out: \`picket explain CODE\`.\n\n| code | status | |\n|---|---|---|\n${rows.join('\n')}\n`;
}
