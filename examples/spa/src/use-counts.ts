import { useEffect, useState } from 'react'
import type { Counts } from '../server/counts.ts'
import { counted } from './demo.ts'
import { onChange } from './timeline.ts'

/** What the servers have counted: asked for whenever something has happened in any tab. */
export function useCounts(): Counts | undefined {
  const [counts, setCounts] = useState<Counts>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = () => counted().then(setCounts, () => setCounts(undefined))
    const soon = () => {
      clearTimeout(timer)
      timer = setTimeout(ask, 150)
    }
    soon()
    const leave = onChange(soon)
    return () => {
      clearTimeout(timer)
      leave()
    }
  }, [])
  return counts
}
