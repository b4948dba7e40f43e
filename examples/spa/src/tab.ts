const prefix = 'spa tab '

/** The lowest number that no open tab of this page has. The browser takes the lock back however the tab ends. */
export const thisTab: number = await takeNumber()

async function takeNumber(): Promise<number> {
  for (let number = 1; ; number++) {
    const taken = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`${prefix}${number}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<never>(() => {})
      })
    })
    if (taken) return number
  }
}

export async function openTabs(): Promise<number[]> {
  const { held = [] } = await navigator.locks.query()
  return held
    .flatMap(({ name = '' }) => (name.startsWith(prefix) ? [Number(name.slice(prefix.length))] : []))
    .sort((a, b) => a - b)
}
