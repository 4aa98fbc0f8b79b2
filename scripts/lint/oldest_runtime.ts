// A plugin of `deno lint`: syntax that the oldest runtime, Node 22, does not know. Its suites run only a
// share of some tests, so a file that it cannot even read may come by unseen.

/** What Node 22 never reads: suites that run on Node 24, and programs of ours. */
const NEWER = /(^|\/)(scripts|tests\/(proxies|browser|inspector|package|deno|types))\//;

const plugin: Deno.lint.Plugin = {
  name: "oldest-runtime",
  rules: {
    "no-using": {
      create(context) {
        if (NEWER.test(context.filename)) return {};
        return {
          VariableDeclaration(node) {
            if (!node.kind.endsWith("using")) return;
            context.report({
              node,
              message: "Node 22 does not know `using`: use try and finally.",
            });
          },
        };
      },
    },
  },
};

export default plugin;
