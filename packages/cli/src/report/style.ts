import { Html } from './html.ts'

/** The style of every page: light and dark by the reader's wish, paper always light, readable without colours. */
export const style: Html = new Html(`
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --card: #f6f8fa;
  --good: #116329; --bad: #b3122a; --busy: #8a5a00; --shared: #0b6285; --odd: #7a3e9d }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1318; --ink: #e6edf3; --soft: #9aa7b4; --line: #303a45; --card: #171d25;
  --good: #56d364; --bad: #ff7b86; --busy: #e3b341; --shared: #5cc8ee; --odd: #d2a8ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .4rem }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem }
p, ul, ol { margin: .4rem 0 }
.lead { font-size: 1.1rem; max-width: 46rem }
.facts { color: var(--soft); font-size: .9rem }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1.5rem }
.badges { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 .6rem; padding: 0; list-style: none; font-size: .82rem }
.badges li { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .65rem; background: var(--card) }
.badges .bad { border-color: currentcolor; font-weight: 600 }
nav ul { padding-left: 1.2rem }
a { color: inherit }
.good { color: var(--good) } .bad { color: var(--bad) } .busy { color: var(--busy) } .shared { color: var(--shared) }
.odd { color: var(--odd) } .quiet { color: var(--soft) }
.timeline { margin: 1rem 0 .5rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); padding: .75rem }
.timeline .scroll { overflow-x: auto }
.timeline .scroll > svg { display: block; width: 100%; min-width: 38rem; height: auto; font-size: 12px }
figcaption { color: var(--soft); font-size: .88rem; margin-top: .25rem }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; padding: 0; margin: .3rem 0 0; list-style: none; font-size: .82rem; color: var(--soft) }
.legend svg { width: 16px; height: 16px; margin-right: .3rem; vertical-align: -3px }
svg text { fill: var(--ink) } svg .axis { fill: var(--soft); font-size: 11px } svg .label { fill: var(--soft) }
svg .outcome.good { fill: var(--good) } svg .outcome.bad { fill: var(--bad) }
svg .grid { stroke: var(--line) } svg .lane { stroke: var(--line); stroke-dasharray: 1 3 }
svg .span { fill: currentcolor; opacity: .45 } svg .span.waiting { opacity: .25 } svg .span.calling { opacity: .2 }
svg .mark { stroke: currentcolor; stroke-width: 2; fill: none; stroke-linecap: round }
svg .mark circle:not(.ring), svg .mark rect, svg .mark .full { fill: currentcolor; stroke: none }
.evidence { list-style: none; padding: 0; margin: .6rem 0; font-size: .84rem; border-left: 3px solid var(--line) }
.evidence li { padding: .2rem 0 .3rem .8rem } .evidence p { margin: 0; color: var(--soft) } .evidence b { color: var(--ink) }
.evidence time, .evidence span { margin-left: .6rem } .evidence code { display: block; white-space: pre-wrap; overflow-wrap: anywhere }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
code { font-size: .92em }
@media (max-width: 40rem) {
  body { padding: 1.25rem .9rem 3rem } h1 { font-size: 1.5rem }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --card: #fff;
    --good: #116329; --bad: #b3122a; --busy: #8a5a00; --shared: #0b6285; --odd: #7a3e9d }
  body { max-width: none; padding: 0; font-size: 10.5pt } section, .timeline { break-inside: auto }
  figure, tr, li { break-inside: avoid } h2, h3 { break-after: avoid } .timeline .scroll { overflow: visible }
  .timeline .scroll > svg { min-width: 0 } nav { display: none }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`)
