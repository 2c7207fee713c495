import type { Scenario } from '../scenario.ts'

const poison: Scenario = {
  title: 'poison events',
  flags: ['--pattern', 'constant', '--rate', '15', '--seconds', '900', '--service-times', 'poison']
}

export default poison
