import { once } from 'node:events'
import { startFork } from './child.ts'

/**
 * Starts a Node.js program, sends it a question, and ends it after its answer.
 *
 * @param core of the machine that it runs on; undefined leaves that to the kernel
 */
export async function ask<Answer> (file: string, question: object, core?: number): Promise<Answer> {
  const program = startFork(file, core)
  try {
    const ended = once(program.child, 'exit').then(([code, signal]) => {
      throw new Error(`${file} ended with ${code ?? signal} before it answered`)
    })
    program.child.send(question)
    const [answer] = await Promise.race([once(program.child, 'message'), ended])
    return answer as Answer
  } finally {
    await program.stop()
  }
}
