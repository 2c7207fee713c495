import type { Scenario } from '../scenario.ts'

const sawtooth: Scenario = {
  title: 'sawtooth',
  flags: ['--pattern', 'sawtooth', '--rate', '25', '--seconds', '1200']
}

export default sawtooth
