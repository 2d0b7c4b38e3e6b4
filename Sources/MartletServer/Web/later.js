// What is not needed for the first look at the page is loaded when it is.

const styles = new Map();

function style(name) {
  let loading = styles.get(name);
  if (loading) return loading;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = name;
  loading = new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => {
      styles.delete(name);
      link.remove();
      reject(new TypeError(`${name} did not load`));
    };
  });
  styles.set(name, loading);
  document.head.append(link);
  return loading;
}

/** A module and the style sheets it needs. Rejects with a TypeError when there is no connection to get them. */
export async function later(module, ...sheets) {
  const [loaded] = await Promise.all([import(`./${module}.js`), ...sheets.map(style)]);
  return loaded;
}
