import type { Scenario } from '../scenario.ts'

const timeOuts: Scenario = {
  title: 'stable time-out',
  flags: ['--pattern', 'constant', '--rate', '15', '--seconds', '900', '--time-outs', '300:200']
}

export default timeOuts
