// The one HTML document of the logon: a frame that the script fills. Without scripts it says what is missing.

export const LOGIN_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Picket: log on</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/login/login.css">
<script type="module" src="/login/login.js"></script>
</head>
<body>
<header><span class="mark" aria-hidden="true">▚</span> Picket</header>
<main id="main" tabindex="-1">
<noscript><h1>Log on</h1><p>This page needs JavaScript: passkeys cannot be used without it. From a terminal, <code>picket login URL</code> works too.</p></noscript>
</main>
<div id="status" role="status" aria-live="polite"></div>
</body>
</html>
`;
