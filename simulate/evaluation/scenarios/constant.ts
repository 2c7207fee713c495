import type { Scenario } from '../scenario.ts'

const constant: Scenario = {
  title: 'constant',
  flags: ['--pattern', 'constant', '--rate', '15', '--seconds', '900']
}

export default constant
