import type { TokenRecord, TokenStore } from '@tokenflight/core'
import type { StoreUnderTest } from './store-contract-fixture.ts'

/** The key of all cases that need but one. */
export const key = 'default'

export function tell(kept: boolean, broken: string): asserts kept {
  if (!kept) throw new Error(`The store broke its contract: ${broken}.`)
}

/** Equal as JSON, in any order of fields. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [canonical(actual), canonical(expected)]
  tell(got === wanted, `${what} is ${shortened(got)}, not ${shortened(wanted)}`)
}

function canonical(value: unknown): string {
  const sorted = (_name: string, item: unknown): unknown =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item
  return JSON.stringify(value, sorted) ?? 'undefined'
}

const shortened = (text: string): string =>
  text.length > 400 ? `${text.slice(0, 400)}… (${text.length} characters)` : text

/** With every field that a record can have. */
export function fullRecord(): TokenRecord {
  const holder = { host: 'host-1', namespace: 'pid:[1]', pid: 4711, startedAt: '99', thread: 0 }
  return {
    tokens: {
      accessToken: 'access-1',
      tokenType: 'Bearer',
      expiresAt: 1_764_000_123_456,
      refreshToken: 'refresh-1',
      refreshExpiresAt: 1_766_000_123_457,
      scope: 'read write',
      subject: 'alice',
      obtainedAt: 1_763_996_523_455,
      extra: {
        id_token: 'id-1',
        instance_url: 'https://eu1.example',
        created_at: 1_763_996_523,
        authorization_details: [{ type: 'a' }],
      },
    },
    audiences: {
      'https://mail.example read send': {
        tokens: {
          accessToken: 'access-2',
          tokenType: 'Bearer',
          expiresAt: 1_764_000_123_459,
          obtainedAt: 1_763_996_523_458,
        },
        refreshAt: 1_763_999_000_003,
        afterRejection: true,
      },
    },
    revision: 7,
    generation: 3,
    refreshAt: 1_763_999_000_001,
    claim: {
      id: 'claim-2',
      holder,
      claimedAt: 1_763_999_000_002,
      presentation: 2,
      since: 1_763_998_000_000,
      inDoubt: true,
      previous: { id: 'claim-1', holder, claimedAt: 1_763_998_000_000, verdict: 'dead' },
    },
    outcome: {
      claimId: 'claim-0',
      kind: 'transient',
      at: 1,
      error: 'temporarily_unavailable',
      status: 503,
      retryAt: 2,
      failures: 3,
      holder,
      claimedAt: 0,
    },
    state: 'reauthorization_required',
    kept: { claimId: 'claim-0', presentation: 1, afterRejection: true },
  }
}

export function simpleRecord(revision: number): TokenRecord {
  return {
    tokens: {
      accessToken: `access-${revision}`,
      tokenType: 'Bearer',
      refreshToken: `refresh-${revision}`,
      obtainedAt: revision,
    },
    revision,
    generation: revision,
  }
}

/** A write that nobody competes with; gives the new version. */
export async function mustSet(
  store: TokenStore,
  version: string,
  record: TokenRecord | undefined,
  of: string = key,
): Promise<string> {
  const set = await store.compareAndSet(of, version, record)
  tell(set.ok, 'compareAndSet() refused the current version')
  tell(typeof set.version === 'string' && set.version !== version, 'compareAndSet() gave no new version')
  return set.version
}

export async function expectAbsent(store: TokenStore, of: string = key): Promise<void> {
  tell((await store.read(of)).record === undefined, 'a deleted record was read')
}

export async function another(subject: StoreUnderTest): Promise<TokenStore> {
  return (await subject.reopen?.()) ?? subject.store
}
