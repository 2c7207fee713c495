import type { Scenario } from '../scenario.ts'

const flashCrowd: Scenario = {
  title: 'flash crowd',
  flags: ['--pattern', 'flash-crowd', '--rate', '15', '--seconds', '900']
}

export default flashCrowd
