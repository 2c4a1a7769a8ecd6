// The front desk: drop files, watch each until it is filed, see what the dossier still needs and what the kho has.
import { ask, day, make, post, stateTag } from "./common.js";

const STATES = { "in-dossier": "Đã có trong hồ sơ", "in-kho": "Có trong kho", "not-usable": "Trong kho nhưng không dùng được", missing: "Còn thiếu" };

const form = document.querySelector("#scan");
const drop = document.querySelector(".drop");
const rows = document.querySelector("#files");
const empty = document.querySelector("#no-files");
const checklist = document.querySelector("#checklist");
const dossier = form.elements.dossier;

drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  sendAll(event.dataTransfer.files);
});
form.elements.file.addEventListener("change", (event) => { sendAll(event.target.files); event.target.value = ""; });
form.addEventListener("submit", (event) => event.preventDefault());
dossier.addEventListener("change", showChecklist);

async function sendAll(files) {
  for (const file of files) await send(file);
}

function send(file) {
  empty.hidden = true;
  const state = make("td", {}, make("span", { class: "tag busy" }, "Đang gửi 0 %"));
  const found = make("td");
  const row = make("tr", {}, make("td", {}, file.name), state, found);
  rows.prepend(row);
  const body = new FormData();
  body.append("file", file);
  if (dossier.value.trim()) body.append("dossier", dossier.value.trim());
  if (form.elements.role.value) body.append("role", form.elements.role.value);
  return new Promise((done) => {
    const request = new XMLHttpRequest();  // fetch() cannot show how far an upload is
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) state.firstChild.textContent = `Đang gửi ${Math.round((100 * event.loaded) / event.total)} %`;
    };
    request.onload = () => {
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status !== 202) {
        refuse(state, found, answer.title || "Có lỗi khi gửi tệp.");
      } else {
        if (answer.already) found.append(make("p", { class: "small soft" }, "Tệp này đã được nhận trước đó; dùng lại lần nhận cũ."));
        look(answer.id, found);
        watch(answer.id, state, found);
      }
      done();
    };
    request.onerror = () => { refuse(state, found, "Mất kết nối khi đang gửi; hãy gửi lại tệp này."); done(); };
    request.open("POST", "/v1/intakes");
    request.send(body);
  });
}

function refuse(state, found, why) {
  state.replaceChildren(stateTag("refused"));
  found.replaceChildren(make("p", { class: "note bad", role: "alert" }, why));
}

async function look(id, found) {
  try {
    const answer = await ask(`/v1/intakes/${id}/look`);
    for (const page of answer.pages) {
      for (const fault of page.faults) {
        found.append(make("p", { class: "note warn", role: "status" }, `Trang ${page.number}: ${fault.title}`));
      }
    }
  } catch { /* the reading itself will say what is wrong with the file */ }
}

async function watch(id, state, found) {
  for (let wait = 400; ; wait = Math.min(wait * 1.4, 4000)) {
    await new Promise((go) => setTimeout(go, wait));
    let intake;
    try {
      intake = await ask(`/v1/intakes/${id}`);
    } catch {
      continue;
    }
    state.replaceChildren(stateTag(intake.state));
    if (["waiting", "working"].includes(intake.state)) continue;
    if (intake.error) found.append(make("p", { class: "note bad" }, intake.error.title));
    for (const paper of intake.papers) {
      found.append(make("p", {}, make("a", { href: `/kho/${paper.id}?purpose=${encodeURIComponent(intake.dossier || "")}` }, paper.type_name),
        " ", make("span", { class: "soft small" }, [paper.so_ky_hieu, day(paper.ngay_cap)].filter(Boolean).join(" · "))));
      if (paper.already_in_kho) found.append(make("p", { class: "note small" }, "Trong kho đã có bản quét trước của giấy tờ này."));
    }
    for (const review of intake.reviews) {
      found.append(make("p", {}, make("a", { href: `/review/${review.id}` }, review.type_name), " ", make("span", { class: "soft small" }, review.why)));
    }
    showChecklist();
    return;
  }
}

async function showChecklist() {
  const code = dossier.value.trim();
  if (!code) { checklist.replaceChildren(make("p", { class: "empty" }, "Nhập mã hồ sơ để xem thành phần còn thiếu và giấy tờ đã có trong kho.")); return; }
  let answer;
  try {
    answer = await ask(`/v1/dossiers/${encodeURIComponent(code)}/checklist`);
  } catch (error) {
    checklist.replaceChildren(make("p", { class: "note warn" }, error.message));
    return;
  }
  const kinds = { "in-dossier": "good", "in-kho": "busy", "not-usable": "warn", missing: "bad" };
  const list = make("table", {}, make("tbody"));
  for (const item of answer.components) {
    const cell = make("td", {}, make("span", { class: "tag " + kinds[item.state] }, STATES[item.state]));
    for (const { paper, usable, why, warnings } of item.state === "in-dossier" ? [] : item.papers) {
      cell.append(make("div", { class: "small" }, [paper.so_ky_hieu, day(paper.ngay_cap), paper.co_quan_cap].filter(Boolean).join(" · ")));
      for (const reason of usable ? warnings : why) cell.append(make("div", { class: "small soft" }, reason.vi));
      if (usable) cell.append(make("button", { class: "quiet", type: "button", onclick: (event) => reuse(event, code, paper.id) }, "Dùng lại, không cần quét"));
    }
    list.tBodies[0].append(make("tr", {}, make("td", {}, item.name, item.required ? "" : make("span", { class: "soft small" }, " (nếu có)")), cell));
  }
  checklist.replaceChildren(list);
}

async function reuse(event, code, paper) {
  event.target.disabled = true;
  try {
    await post(`/v1/dossiers/${encodeURIComponent(code)}/reuse`, { paper_id: paper });
    showChecklist();
  } catch (error) {
    event.target.replaceWith(make("p", { class: "note bad" }, error.message));
  }
}

if (dossier.value) showChecklist();
