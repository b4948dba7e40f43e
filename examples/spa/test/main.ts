import { after } from 'node:test'
import { access } from './access.ts'
import { mounting } from './mounting.ts'
import { shipping } from './shipping.ts'
import { openStage } from './stage.ts'
import { tabs } from './tabs.ts'

const stage = await openStage()
after(() => stage.close())
tabs(stage)
mounting(stage)
access(stage)
shipping()
