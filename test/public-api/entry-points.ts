/** The public entry points of the package, read with the TypeScript compiler. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'

const ROOT = resolve(import.meta.dirname, '../..')

/** Paths of the sources of all entry points by their name, as package.json has them. */
export function entryPoints(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'))
  const withTypes = Object.entries<{ types?: string }>(exports).filter(([, target]) => target.types)
  return Object.fromEntries(
    withTypes.map(([name, target]) => [
      name,
      resolve(ROOT, (target.types as string).replace('./dist/', '').replace('.d.ts', '.ts')),
    ]),
  )
}

/** What is wrong with an entry point's types, a line for each fault. */
export interface Faults {
  /** Types of this package in public signatures that neither the entry point nor the main one exports. */
  unexported: string[]
  /** Exports and their members without a docstring. */
  undocumented: string[]
  /** Exported functions without an example. */
  unexemplified: string[]
}

/** Compiles the sources of entry points, the main one first, and reports the faults of each one's exports. */
export function findFaults(files: readonly string[]): Map<string, Faults> {
  const config = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files }, ts.sys, ROOT)
  const program = ts.createProgram([...files], options)
  return new Map(files.map(file => [file, faultsOf(program, file, files[0])]))
}

function faultsOf(program: ts.Program, file: string, mainFile: string): Faults {
  const checker = program.getTypeChecker()
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exportsOf = (path: string) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)
    return module ? checker.getExportsOfModule(module) : []
  }
  const exported = exportsOf(file).map(symbol => ({ name: symbol.name, symbol: original(symbol) }))
  const known = new Set([...exportsOf(file), ...exportsOf(mainFile)].map(original))
  const unexported = new Set<string>()
  const undocumented = new Set<string>()
  const unexemplified = exported
    .filter(({ symbol }) => isFunction(symbol) && !hasExample(symbol))
    .map(({ name }) => name)

  for (const { name, symbol } of exported) {
    for (const declaration of symbol.declarations ?? []) {
      checkDocumented(name, symbol)
      visit(declaration, name)
    }
  }
  return { unexported: [...unexported].sort(), undocumented: [...undocumented].sort(), unexemplified }

  function checkDocumented(path: string, symbol: ts.Symbol): void {
    if (symbol.getDocumentationComment(checker).length === 0) undocumented.add(path)
  }

  function isFunction(symbol: ts.Symbol): boolean {
    const [declaration] = symbol.declarations ?? []
    if (!declaration || ts.isClassLike(declaration)) return false
    return !!symbol.valueDeclaration && checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
  }

  function hasExample(symbol: ts.Symbol): boolean {
    return symbol.getJsDocTags(checker).some(({ name }) => name === 'example')
  }

  function requireExported(symbol: ts.Symbol | undefined, path: string): void {
    const target = symbol && original(symbol)
    const type =
      ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Enum
    if (!target || !(target.flags & type) || known.has(target)) return
    const [declaration] = target.declarations ?? []
    if (declaration && isOwn(declaration)) unexported.add(`${target.name} in ${path}`)
  }

  /** Follows what a declaration shows to its users: types, members and their docstrings, but no bodies. */
  function visit(node: ts.Node, path: string): void {
    if (ts.isBlock(node) || isHidden(node)) return
    if (ts.isTypeReferenceNode(node)) requireExported(checker.getSymbolAtLocation(node.typeName), path)
    if (ts.isExpressionWithTypeArguments(node)) {
      requireExported(checker.getSymbolAtLocation(node.expression), path)
    }
    if (ts.isTypeQueryNode(node)) requireExported(checker.getSymbolAtLocation(node.exprName), path)
    if (isMember(node)) {
      const symbol = checker.getSymbolAtLocation(node.name)
      const member = `${path}.${node.name.getText()}`
      if (symbol && needsDocumentation(node)) checkDocumented(member, symbol)
      inferred(node, member)
      for (const child of node.getChildren()) if (!isInitializer(node, child)) visit(child, member)
      return
    }
    if (isDeclarationWithType(node)) inferred(node, path)
    node.forEachChild(child => {
      if (!isInitializer(node, child)) visit(child, path)
    })
  }

  /** The type of something that is declared without one. */
  function inferred(node: ts.Node, path: string): void {
    if (ts.isFunctionLike(node)) {
      const signature = node.type
        ? undefined
        : checker.getSignatureFromDeclaration(node as ts.SignatureDeclaration)
      if (signature) visitType(signature.getReturnType(), path)
      return
    }
    if ((node as { type?: ts.TypeNode }).type) return
    visitType(checker.getTypeAtLocation(node), path)
  }

  function visitType(type: ts.Type, path: string, seen = new Set<ts.Type>()): void {
    if (seen.has(type)) return
    seen.add(type)
    const follow = (next: ts.Type) => visitType(next, path, seen)
    if (type.aliasSymbol) {
      requireExported(type.aliasSymbol, path)
      type.aliasTypeArguments?.forEach(follow)
      return
    }
    if (type.isUnionOrIntersection()) {
      type.types.forEach(follow)
      return
    }
    if (type.isClassOrInterface() || type.symbol?.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) {
      requireExported(type.symbol, path)
      checker.getTypeArguments(type as ts.TypeReference).forEach(follow)
      return
    }
    if (!(type.flags & ts.TypeFlags.Object)) return
    if (type.symbol?.declarations?.[0] && !isOwn(type.symbol.declarations[0])) return
    for (const signature of type.getCallSignatures()) {
      follow(signature.getReturnType())
      for (const parameter of signature.parameters) follow(checker.getTypeOfSymbol(parameter))
    }
    for (const property of type.getProperties()) follow(checker.getTypeOfSymbol(property))
  }
}

const isOwn = (node: ts.Node) => {
  const { fileName } = node.getSourceFile()
  return !fileName.includes('/node_modules/')
}

type Member =
  | ts.PropertySignature
  | ts.PropertyDeclaration
  | ts.MethodSignature
  | ts.MethodDeclaration
  | ts.AccessorDeclaration

const isMember = (node: ts.Node): node is Member =>
  ts.isPropertySignature(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isMethodSignature(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isAccessor(node)

/**
 * Whether a member needs a docstring of its own: that of an interface, a class, a named type, or of options that a function
 * takes. What a documented member is made of is said there, and errors need not say what a name is.
 */
function needsDocumentation(member: Member): boolean {
  if (ts.isClassLike(member.parent)) return member.name.getText() !== 'name'
  if (!ts.isTypeLiteralNode(member.parent)) return true
  let holder: ts.Node = member.parent.parent
  if (ts.isParameter(holder)) return ts.isFunctionDeclaration(holder.parent)
  while (ts.isIntersectionTypeNode(holder)) holder = holder.parent
  return ts.isTypeAliasDeclaration(holder)
}

const isDeclarationWithType = (node: ts.Node) =>
  ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node)

/** Private members: users do not see them. */
function isHidden(node: ts.Node): boolean {
  const { name } = node as { name?: ts.Node }
  if (name && ts.isPrivateIdentifier(name)) return true
  if (!ts.canHaveModifiers(node)) return false
  if (ts.getJSDocTags(node).some(tag => tag.tagName.text === 'internal')) return true
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ?? false
}

const isInitializer = (node: ts.Node, child: ts.Node) =>
  (node as { initializer?: ts.Node }).initializer === child
