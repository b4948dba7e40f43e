import { useEffect, useState, useSyncExternalStore } from 'react'
import { openTabs } from './tab.ts'
import { type Entry, entries, onChange } from './timeline.ts'

export function useTimeline(): readonly Entry[] {
  return useSyncExternalStore(onChange, entries)
}

/** The numbers of the tabs that are open: looked up whenever a tab says something, and now and then, as a tab that crashes says nothing. */
export function useOpenTabs(): readonly number[] {
  const [tabs, setTabs] = useState<readonly number[]>([])
  useEffect(() => {
    const look = async () => {
      const open = await openTabs()
      setTabs((before) => (before.join() === open.join() ? before : open))
    }
    void look()
    const timer = setInterval(look, 1000)
    const leave = onChange(() => void look())
    return () => {
      clearInterval(timer)
      leave()
    }
  }, [])
  return tabs
}
