import { concurrencyCases } from './store-contract-concurrency.ts'
import { faultCases } from './store-contract-faults.ts'
import type { StoreCase, StoreContractCase, StoreFixture, StoreUnderTest } from './store-contract-fixture.ts'
import { hintCases } from './store-contract-hints.ts'
import { processCases } from './store-contract-processes.ts'
import { recordCases } from './store-contract-records.ts'

/**
 * The promises of `TokenStore` as a list of cases for any test runner:
 *
 * ```ts
 * for (const { name, run, timeout } of storeContract({ create: () => ({ store: myStore() }) })) test(name, run, timeout)
 * ```
 */
export function storeContract<T extends StoreUnderTest>(fixture: StoreFixture<T>): StoreContractCase[] {
  const cases: StoreCase<T>[] = [
    ...recordCases(fixture.oneKey === true),
    ...concurrencyCases,
    ...hintCases,
    ...faultCases(fixture),
    ...processCases(fixture),
  ]
  return cases.map(({ name, timeout = 10_000, check }) => ({ name, timeout, run: () => withSubject(fixture, check) }))
}

async function withSubject<T extends StoreUnderTest>(
  fixture: StoreFixture<T>,
  check: (subject: T) => Promise<void>,
): Promise<void> {
  const subject = await fixture.create()
  const opened = [subject.store]
  const reopen = subject.reopen?.bind(subject)
  try {
    await check({
      ...subject,
      async reopen() {
        const store = (await reopen?.()) ?? subject.store
        if (!opened.includes(store)) opened.push(store)
        return store
      },
    })
  } finally {
    for (const store of opened) await store.close?.()
    await subject.dispose?.()
  }
}
