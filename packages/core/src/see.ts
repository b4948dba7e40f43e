import type { RefreshPurpose } from './look.ts'
import type { RefreshContext } from './refresh-context.ts'
import type { StoredRecord, TokenRecord } from './token-store.ts'
import { viewOf } from './view.ts'

/** What a refresh has read. */
export interface Seen {
  stored: StoredRecord
  /** Of the memory, before that was read: whatever has been learned since is newer. */
  epoch: number
}

/** Reads what is stored. A hint that comes from now on may be about something newer. */
export async function see({ store, key }: RefreshContext, purpose: RefreshPurpose): Promise<Seen> {
  const { renewal, memory } = purpose
  const { epoch } = memory
  purpose.rereads = false
  const stored = await store.read(key)
  // Who wishes for something newer while that is read learns nothing from it: it may be older, or newer, than the wish.
  if (purpose.renewal === renewal) markOutdated(purpose, stored.record)
  return { stored, epoch }
}

/** What there was when somebody wished for something newer. */
export function markOutdated({ renewal, audience }: RefreshPurpose, record: TokenRecord | undefined): void {
  if (renewal !== undefined)
    renewal.outdated ??= { accessToken: record && viewOf(record, audience).tokens?.accessToken }
}
