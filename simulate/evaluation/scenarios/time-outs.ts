import type { Scenario } from '../scenario.ts'

const timeOuts: Scenario = {
  title: 'stable time-out',
  flags: ['--pattern', 'constant', '--rate', '25', '--seconds', '1200', '--time-outs', '400:300']
}

export default timeOuts
