/** Equations in MathML, as short to write as to read. */
import type { ComponentChildren, VNode } from 'preact'

type Term = VNode | string

export const mi = (name: string) => <mi>{name}</mi>
export const mo = (sign: string) => <mo>{sign}</mo>
export const mn = (number: string | number) => <mn>{number}</mn>
/** A word, upright. */
export const word = (text: string) => <mtext>{text}</mtext>
export const row = (...terms: Term[]) => <mrow>{terms}</mrow>
export const sub = (base: Term, index: Term) => (
  <msub>
    {base}
    {index}
  </msub>
)
export const sup = (base: Term, exponent: Term) => (
  <msup>
    {base}
    {exponent}
  </msup>
)
export const under = (base: Term, below: Term) => (
  <munder>
    {base}
    {below}
  </munder>
)
export const frac = (above: Term, below: Term) => (
  <mfrac>
    {above}
    {below}
  </mfrac>
)
export const sqrt = (inside: Term) => <msqrt>{inside}</msqrt>
export const paren = (...terms: Term[]) => row(mo('('), ...terms, mo(')'))
export const bracket = (...terms: Term[]) => row(mo('['), ...terms, mo(']'))

/** With a bar above: the slow copy of a critic. */
export const slow = (name: string) => (
  <mover>
    {mi(name)}
    {mo('‾')}
  </mover>
)

/** pi(a | s), which every chapter has. */
export const policy = row(mi('π'), paren(mi('a'), mo('|'), mi('s')))
export const logPolicy = row(mo('log'), policy)
export const expectation = (over: Term, ...inside: Term[]) => row(sub(mi('𝔼'), over), bracket(...inside))

/** An equation on lines of its own. */
export const Equation = ({ children }: { children: ComponentChildren }) => (
  <div class="equation">
    {[children].flat().map((line, i) => (
      <math key={i} display="block">
        {line}
      </math>
    ))}
  </div>
)
