import type { Holder } from '@tokenflight/core'
import { type Entry, tabNamed } from './timeline.ts'

type What = Entry['what']

/** Which colour it has. */
export function tone({ type }: What): 'work' | 'wait' | 'good' | 'bad' | 'plain' {
  if (type === 'refresh_started' || type === 'takeover') return 'work'
  if (type === 'waiting') return 'wait'
  if (type === 'refreshed' || type === 'signed_in') return 'good'
  if (type === 'refresh_failed' || type === 'revocation_failed') return 'bad'
  return 'plain'
}

export function sentence(what: What): string {
  switch (what.type) {
    case 'refresh_started':
      return `redeems the refresh token of generation ${what.generation}`
    case 'refreshed':
      return `has generation ${what.generation} after ${(what.durationMs / 1000).toFixed(1)}\u00a0s`
    case 'adopted':
      return `finds generation ${what.generation} in the store`
    case 'waiting':
      return `waits for ${named(what.holder)}`
    case 'takeover':
      return `goes on for ${named(what.holder)}, which is ${what.verdict === 'dead' ? 'gone' : 'silent'}`
    case 'refresh_failed':
      return `could not refresh: ${what.code.replaceAll('_', ' ')}`
    case 'signed_in':
      return `signs in: generation ${what.generation}`
    case 'signed_out':
      return 'signs out'
    case 'revoked':
      return 'has ended the tokens at the authorization server'
    case 'calls':
      return Object.entries(what.ends)
        .map(([end, count]) => `${count} calls: ${end}`)
        .join(', ')
    default:
      return what.type.replaceAll('_', ' ')
  }
}

function named({ host }: Holder): string {
  const tab = tabNamed(host)
  return tab === undefined ? 'another tab' : `tab ${tab}`
}
