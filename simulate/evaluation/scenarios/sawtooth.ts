import type { Scenario } from '../scenario.ts'

const sawtooth: Scenario = {
  title: 'sawtooth',
  flags: ['--pattern', 'sawtooth', '--rate', '15', '--seconds', '900']
}

export default sawtooth
