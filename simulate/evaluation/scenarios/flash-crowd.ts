import type { Scenario } from '../scenario.ts'

const flashCrowd: Scenario = {
  title: 'flash crowd',
  flags: ['--pattern', 'flash-crowd', '--rate', '25', '--seconds', '1200']
}

export default flashCrowd
