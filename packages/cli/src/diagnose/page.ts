import { type Html, html } from '../report/html.ts'
import { renderPage } from '../report/page.ts'
import { renderTimeline } from '../report/timeline-svg.ts'
import { adviceFor } from './advice.ts'
import type { Diagnosis } from './diagnose.ts'
import { choose, type Evidence, evidenceOf, sayTime } from './evidence.ts'
import type { Cluster } from './finding.ts'
import type { Finding } from './findings.ts'
import { pictureOf } from './picture.ts'
import { presented } from './presented.ts'
import { sayCounts, sayFinding, sayVerdict } from './sentences.ts'

const mostEvidence = 20

/** The diagnosis as a page of its own. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { findings, files } = diagnosis
  const title = findings[0] ? adviceFor(findings[0].kind, findings[0].layer).title : 'Nothing found'
  return renderPage(
    `${title}: tokenflight diagnose`,
    html`<header>
<h1>What happened to these logins</h1>
<p class="lead">${sayVerdict(diagnosis)}</p>
<p class="facts">${sayCounts(diagnosis)}. ${files.length <= 5 ? `Read: ${files.join(', ')}.` : undefined} Whatever looked like a token or secret was taken out of the lines below.</p>
${findings.length > 1 ? html`<nav aria-label="Findings"><ul>${findings.map((one) => html`<li><a href="#${one.kind}">${adviceFor(one.kind, one.layer).title}</a></li>`)}</ul></nav>` : undefined}
</header>
<main>
${findings.map(renderFinding)}
</main>`,
  )
}

function renderFinding(finding: Finding): Html {
  const { kind, layer } = finding
  const { title, meaning, steps } = adviceFor(kind, layer)
  const { clusters, more } = presented(finding, 10)
  return html`<section id="${kind}" aria-labelledby="${kind}-title">
<h2 id="${kind}-title">${title}</h2>
<ul class="badges">${sayFinding(finding)
    .split('; ')
    .map(
      (part, n) => html`<li${n === 0 && finding.confidence === 'high' ? html` class="bad"` : undefined}>${part}</li>`,
    )}</ul>
<p>${meaning}</p>
${clusters.map(renderCluster)}
${more > 0 ? html`<p>And ${more} more like ${more === 1 ? 'it' : 'these'}.</p>` : undefined}
<h3>What to do</h3>
<ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>
</section>
`
}

function renderCluster(cluster: Cluster): Html {
  const chosen = choose(cluster, mostEvidence)
  const left = cluster.count - chosen.length
  return html`${renderTimeline(pictureOf(cluster))}
<ul>${cluster.because.map((reason) => html`<li>${reason}</li>`)}</ul>
<ol class="evidence" aria-label="Evidence">${chosen.map(evidenceOf).map(renderEvidence)}</ol>
${left > 0 ? html`<p class="facts">and ${left} more lines</p>` : undefined}
`
}

function renderEvidence({ file, line, at, what, text }: Evidence): Html {
  const when =
    at === undefined ? undefined : html` <time datetime="${new Date(at).toISOString()}">${sayTime(at).slice(11)}</time>`
  return html`<li><p><b>${file}:${line}</b>${when} <span>${what}</span></p><code>${text}</code></li>
`
}
