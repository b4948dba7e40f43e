import type { Link } from '../services/link.ts'
import type { Spell } from './weather.ts'

/** What may become of the connections between the processes and a server. */
export function spellsOf(link: Link): readonly Spell[] {
  /** It happens to the next answer, or not at all. */
  const armed = (what: string, arm: () => Promise<void>): Spell => ({
    what,
    begin() {
      void arm()
      return () => link.spareAnswers()
    },
  })

  return [
    {
      what: 'slow',
      begin() {
        link.latency = 100
        return () => {
          link.latency = 0
        }
      },
    },
    { what: 'connections are closed', begin: () => link.cut() },
    { what: 'connections are refused', begin: () => link.down() },
    { what: 'connections are dead and nobody is told', begin: () => link.freeze() },
    armed('an answer is lost', () => link.loseNextAnswer()),
    armed('an answer is cut in its middle', () => link.cutNextAnswer()),
  ]
}
