/*
 * Between netron's page and the studio; injected before any script of the page.
 *
 * It uses `window.__view__`, which is internal to netron: the version is pinned, and
 * tests/gui/test_graph_netron.py drives both directions through a real browser view.
 *
 * To the studio: espalier.hear(what, json, address of the page) with
 *   "graph"   {nodes: [{name, op, weights, outputs}], file}   a graph is on the screen
 *   "picked"  {nodes: [index], more: bool}                    the user chose; more: with Ctrl
 *   "failed"  message                                         netron cannot show the file
 *   "slow"    ""                                              the layout takes long
 * From the studio: window.espalier.select, .color, .theme, .option, .zoom, .details, .where.
 */
(function () {
    "use strict";

    const state = { colors: {}, neutral: "", selected: [], near: [], details: false, more: false };
    const waiting = [];
    let channel = null;
    let view = null;
    let show = null;

    const tell = (what, value) => {
        const text = JSON.stringify(value);
        if (channel) {
            channel.hear(what, text, window.location.href);
        } else {
            waiting.push([what, text]);
        }
    };

    const connect = () => {
        if (!window.qt || !window.qt.webChannelTransport || !window.QWebChannel) {
            window.setTimeout(connect, 20);
            return;
        }
        new window.QWebChannel(window.qt.webChannelTransport, (opened) => {
            channel = opened.objects.espalier;
            waiting.splice(0).forEach(
                ([what, text]) => channel.hear(what, text, window.location.href));
        });
    };

    const graph = () => (view ? view.target : null);
    const nodes = () => (graph() ? graph().target.nodes : []);
    const element = (node) => {
        const drawn = graph().find(node);
        return drawn && drawn.element ? drawn.element : null;
    };

    const values = (node) => (node.inputs || []).flatMap(
        (argument) => (Array.isArray(argument.value) ? argument.value : [argument.value]));
    const describe = (node) => ({
        name: node.name || "",
        op: (node.type && node.type.name) || "",
        weights: values(node).filter((v) => v && v.initializer).map(
            (v) => String(v.initializer.name || v.name || "")),
        outputs: (node.outputs || []).flatMap(
            (argument) => (Array.isArray(argument.value) ? argument.value : [])).map(
            (v) => String((v && v.name) || "")),
    });

    /* The node that something on the screen belongs to: itself, or one of its rows. */
    const owner = (value) => nodes().findIndex(
        (node) => node === value || (node.inputs || []).includes(value));

    let asked = false;
    const picked = (source) => {
        if (source === "app" || asked) {
            return;
        }
        asked = true;  // a click first sends an empty choice; only what is left of it counts
        window.setTimeout(() => {
            asked = false;
            const chosen = graph() ? [...graph().selection] : [];
            const indices = chosen.map((drawn) => owner(drawn.value)).filter((i) => i >= 0);
            tell("picked", { nodes: indices, more: state.more, empty: chosen.length === 0 });
        }, 15);
    };

    const light = (color) => {
        const part = (at) => parseInt(color.slice(at, at + 2), 16) / 255;
        return 0.2126 * part(1) ** 2.2 + 0.7152 * part(3) ** 2.2 + 0.0722 * part(5) ** 2.2 > 0.22;
    };

    const paint = () => {
        if (!graph()) {
            return 0;
        }
        const tinted = Object.keys(state.colors).length > 0;
        let count = 0;
        nodes().forEach((node, index) => {
            const drawn = element(node);
            if (!drawn) {
                return;
            }
            const color = state.colors[index] || (tinted ? state.neutral : "");
            drawn.querySelectorAll(".node-item-type").forEach((item) => {
                item.querySelectorAll("path").forEach((path) => { path.style.fill = color; });
                item.querySelectorAll("text").forEach((text) => {
                    text.style.fill = color ? (light(color) ? "#000000" : "#ffffff") : "";
                });
            });
            count += state.colors[index] ? 1 : 0;
        });
        return count;
    };

    const select = (scroll) => {
        if (!graph()) {
            return 0;
        }
        nodes().forEach((node, index) => {
            const drawn = element(node);
            if (drawn) {
                drawn.classList.toggle("espalier-near", state.near.includes(index));
            }
        });
        const chosen = state.selected.map((index) => nodes()[index]).filter((node) => node);
        const drawn = graph().select(chosen, "app");
        if (scroll && drawn && drawn.length > 0) {
            graph().scrollTo(drawn.slice(0, 1), "auto");
        }
        return chosen.length;
    };

    const adopt = (made) => {
        view = made;
        const host = view.host;
        const environment = host.environment.bind(host);
        host.environment = (name) => (name === "menu" ? false : environment(name));
        host.openURL = () => {};
        host.execute = async () => {};
        host.message = (message, alert) => {
            if (alert) {
                return Promise.resolve(0);
            }
            if (message) {
                tell("slow", "");
            }
            return new Promise(() => {});  // nobody cancels but by choosing another view
        };
        view.error = async (error) => {
            if (!graph()) {
                tell("failed", String((error && error.message) || error));
            }
        };
        const render = view.render.bind(view);
        view.render = async (...all) => {
            const status = await render(...all);
            if (graph()) {
                graph().on("selectionchange", (_, source) => picked(source));
                tell("graph", { nodes: nodes().map(describe), file: window.document.title });
                paint();
                select(false);
            }
            return status;
        };
        show = view.showNodeProperties.bind(view);
        for (const name of ["showNodeProperties", "showConnectionProperties", "showTensorProperties"]) {
            const original = view[name].bind(view);
            view[name] = (...all) => (state.details ? original(...all) : undefined);
        }
    };

    Object.defineProperty(window, "__view__", {
        configurable: true,
        get: () => view,
        set: adopt,
    });

    const failed = (event) => {
        if (!graph()) {
            const reason = event.reason || event.error || event;
            tell("failed", String(reason.message || reason));
            event.stopImmediatePropagation();
        }
    };
    window.addEventListener("error", failed, true);
    window.addEventListener("unhandledrejection", failed, true);

    const steps = {
        "in": () => view.zoomIn(),
        "out": () => view.zoomOut(),
        "reset": () => view.resetZoom(),
        "fit": () => { graph().zoom = 0; },
    };
    const keys = { "+": "in", "=": "in", "-": "out", "0": "reset", "9": "fit" };

    /* netron lets go of the choice at every key; here Escape does, and the studio has the rest. */
    window.addEventListener("keydown", (event) => {
        const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName || "");
        if (typing || (event.ctrlKey && event.key === "c")) {
            return;
        }
        if (graph() && keys[event.key] && !event.altKey) {
            steps[keys[event.key]]();
            event.preventDefault();
        }
        if (event.key === "Escape" && graph()) {
            state.more = false;
            graph().select(null);
        }
        event.stopImmediatePropagation();
    }, true);
    for (const name of ["pointerdown", "click"]) {
        window.addEventListener(name, (event) => {
            state.more = event.ctrlKey || event.metaKey || event.shiftKey;
        }, true);
    }
    window.addEventListener("dblclick", () => {
        const chosen = graph() ? [...graph().selection] : [];
        const index = chosen.length === 1 ? owner(chosen[0].value) : -1;
        if (index >= 0) {
            state.details = true;
            show(nodes()[index]);
            state.details = false;
        }
    });

    const style = (colors) => `
        html, body, .target, .default, .welcome { background: ${colors.ground} !important; }
        .menu-button, .menu, #titlebar, #toolbar > .toolbar-button, #message,
        .logo-text, .logo-name, #logo-github, #open-file-button { display: none !important; }
        .logo-stroke, .logo-border { stroke: ${colors.edge} !important; }
        .logo-fill, .logo-glyph { fill: ${colors.edge} !important; }
        .progress-bar { background: ${colors.accent} !important; }
        .espalier-near > .node.node-border {
            stroke: ${colors.accent} !important; stroke-width: 2px; stroke-dasharray: 4 3;
        }
        .select > .node.node-border {
            stroke: ${colors.accent} !important; stroke-width: 3px; stroke-dasharray: none;
        }
        .select.edge-path { stroke: ${colors.accent} !important; stroke-width: 2px; }
        .edge-path { stroke: ${colors.edge}; }
        #arrowhead { fill: ${colors.edge}; }
    `;

    window.espalier = {
        select: (indices, near, scroll) => {
            state.selected = indices;
            state.near = near;
            return select(scroll);
        },
        color: (colors, neutral) => {
            state.colors = colors;
            state.neutral = neutral;
            return paint();
        },
        theme: (colors, dark) => {
            let sheet = window.document.getElementById("espalier-style");
            if (!sheet) {
                sheet = window.document.createElement("style");
                sheet.id = "espalier-style";
                window.document.documentElement.appendChild(sheet);
            }
            sheet.textContent = style(colors);
            for (const one of window.document.styleSheets) {
                for (const rule of one.cssRules) {
                    const asked = rule.media && (rule.espalier || rule.media.mediaText);
                    if (asked && asked.includes("prefers-color-scheme: dark")) {
                        rule.espalier = asked;
                        rule.media.mediaText = dark ? "all" : "not all";
                    }
                }
            }
        },
        option: (name, value) => {
            if (graph() && view.options[name] !== value) {
                view.toggle(name);
            }
        },
        zoom: (step) => graph() && steps[step] && steps[step](),
        details: (wanted) => { state.details = wanted; },
        /* Where a node is drawn, in pixels of the view; for tests. */
        where: (index) => {
            const drawn = element(nodes()[index]);
            const box = drawn.querySelector(".node-item-type").getBoundingClientRect();
            return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]);
        },
        /* What a node looks like; for tests. */
        look: (index) => {
            const drawn = element(nodes()[index]);
            return JSON.stringify({
                selected: drawn.classList.contains("select"),
                near: drawn.classList.contains("espalier-near"),
                fill: drawn.querySelector(".node-item-type path").style.fill,
            });
        },
    };

    connect();
}());
