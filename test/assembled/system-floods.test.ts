import { runTogether } from './run-together.ts'

await runTogether('test/system/{early-answer,many-connections,pipelined}.test.ts')
