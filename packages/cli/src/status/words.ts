import { homedir } from 'node:os'
import { isoTime } from '../iso-time.ts'
import { printable, type Style, type Terminal } from '../terminal.ts'
import type { Look, State } from './look.ts'

const states: Readonly<Record<State, { style: Style; words: string }>> = {
  valid: { style: 'green', words: 'valid' },
  expired: { style: 'yellow', words: 'expired; whoever asks next refreshes it' },
  refreshing: { style: 'cyan', words: 'being refreshed' },
  in_doubt: { style: 'yellow', words: 'in doubt: a token request was sent, and nobody knows its outcome' },
  sign_in_needed: { style: 'red', words: 'over: sign in again' },
  signed_out: { style: 'red', words: 'signed out' },
  none: { style: 'red', words: 'no credential' },
  foreign: { style: 'yellow', words: 'not in the form that programs share: see tokenflight import' },
  unreadable: { style: 'red', words: 'cannot be read' },
}

/** A credential as a paragraph for people. */
export function paragraph(look: Look, now: number, { paint }: Terminal): string {
  const { style, words } = states[look.state]
  const rows: [label: string, text: string][] = []
  if (look.generation !== undefined && look.obtainedAt !== undefined)
    rows.push(['tokens', `generation ${look.generation}, ${ago(now - look.obtainedAt)} old${scopeOf(look)}`])
  if (look.refreshToken !== undefined) rows.push(['refresh', refreshOf(look, now)])
  if (look.claim !== undefined) rows.push(['claim', claimOf(look.claim, now)])
  if (look.outcome !== undefined) rows.push(['failure', failureOf(look.outcome, now)])
  for (const { name, expiresAt } of look.audiences ?? []) rows.push(['also for', `${name}${until(expiresAt, now)}`])
  if (look.problem !== undefined) rows.push(['problem', look.problem])
  if (look.wideMode !== undefined) rows.push(['warning', `others may read it (mode ${look.wideMode}): chmod 600`])
  const told = rows.map(([label, text]): [string, string] => [label, printable(text)])
  const body = [['state', paint(style, words) + validity(look, now)], ...told].map(
    ([label = '', text = '']) => `  ${paint('dim', label.padEnd(9))} ${text}`,
  )
  return [paint('bold', printable(titleOf(look))), ...body].join('\n')
}

/** A credential as a line for a log. */
export function line(look: Look, now: number): string {
  const { key, generation, expiresAt, claim, outcome } = look
  const facts = [
    `state=${look.state}`,
    key === undefined ? [] : `key=${JSON.stringify(key)}`,
    generation === undefined ? [] : `generation=${generation}`,
    expiresAt === undefined ? [] : `expires=${isoTime(expiresAt) ?? 'unknown'}`,
    claim === undefined ? [] : `claim=${claim.pid ?? 'unknown'} presentation=${claim.presentation}`,
    outcome === undefined ? [] : `outcome=${outcome.kind}`,
  ].flat()
  return printable(`${new Date(now).toISOString()} ${look.file}${look.pointer ?? ''} ${facts.join(' ')}`)
}

function titleOf({ file, pointer, key }: Look): string {
  const home = homedir()
  const short = file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file
  const name = key === undefined || key === 'default' ? '' : `, key ${JSON.stringify(key)}`
  return `${short}${pointer === undefined ? '' : ` at ${pointer}`}${name}`
}

function validity({ state, expiresAt }: Look, now: number): string {
  if (expiresAt === undefined) return state === 'valid' ? ', with no known end' : ''
  if (state === 'valid') return ` for ${ago(expiresAt - now)}, until ${clock(expiresAt, now)}`
  return expiresAt > 0 && now >= expiresAt ? ` (ended ${ago(now - expiresAt)} ago)` : ''
}

function scopeOf({ scope }: Look): string {
  return scope === undefined ? '' : `, scope ${scope}`
}

function refreshOf({ refreshToken, refreshAt, refreshExpiresAt }: Look, now: number): string {
  if (!refreshToken) return 'there is no refresh token'
  const ahead = refreshAt === undefined ? 'when it is needed' : `ahead of its end, from ${clock(refreshAt, now)}`
  return refreshExpiresAt === undefined ? ahead : `${ahead}; the refresh token ends at ${clock(refreshExpiresAt, now)}`
}

function claimOf({ pid, holder, claimedAt, presentation }: NonNullable<Look['claim']>, now: number): string {
  const who = pid === undefined ? 'another holder' : `process ${pid}`
  const state = holder === 'unknown' ? 'not of this machine' : holder
  return `${who} (${state}) for ${ago(now - claimedAt)}${presentation > 1 ? `, presentation ${presentation}` : ''}`
}

function failureOf({ kind, at, error, status, retryAt }: NonNullable<Look['outcome']>, now: number): string {
  const details = [error ?? [], status === undefined ? [] : `HTTP ${status}`].flat()
  const again = retryAt !== undefined && retryAt > now ? `; not again for ${ago(retryAt - now)}` : ''
  return `${kind}${details.length > 0 ? ` (${details.join(', ')})` : ''}, ${ago(now - at)} ago${again}`
}

function until(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return ''
  return now < expiresAt ? `, for ${ago(expiresAt - now)}` : ', expired'
}

/** A duration as people say it; whole seconds, so that nothing flickers. */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 120) return `${s} s`
  if (s < 7200) return `${Math.round(s / 60)} min`
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`
}

/** Local time; with the date where it is not today's. */
function clock(at: number, now: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  if (Number.isNaN(local.getTime())) return 'an unknown time'
  const [date = '', time = ''] = local.toISOString().slice(0, 19).split('T')
  return new Date(at).toDateString() === new Date(now).toDateString() ? time : `${date} ${time}`
}
