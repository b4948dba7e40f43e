import { type Content, html } from './html.ts'
import { style } from './style.ts'

/** A whole page in one file: no script, no font, nothing from elsewhere, and its policy says so. */
export function renderPage(title: string, body: Content): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`.markup
}
