import type { Scenario } from '../scenario.ts'

const constant: Scenario = {
  title: 'constant',
  flags: ['--pattern', 'constant', '--rate', '25', '--seconds', '1200']
}

export default constant
