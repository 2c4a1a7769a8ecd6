// One paper before a person: the picture with the place of each value, the values to confirm or correct.
import { make, post } from "./common.js";

const form = document.querySelector("#decide");
const problem = document.querySelector("#problem");

for (const input of form.querySelectorAll("[data-place]")) {
  const place = JSON.parse(input.dataset.place);
  const sheet = document.querySelector(`.sheet[data-page="${place.page}"]`);
  if (!sheet) continue;
  const share = (value) => `${100 * value}%`;
  const mark = make("div", { class: "place", style: `left:${share(place.left)};top:${share(place.top)};width:${share(place.width)};height:${share(place.height)}` });
  sheet.append(mark);
  input.addEventListener("focus", () => { mark.classList.add("on"); mark.scrollIntoView({ block: "center", behavior: "smooth" }); });
  input.addEventListener("blur", () => mark.classList.remove("on"));
}

async function decide(body) {
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  try {
    await post(`/v1/reviews/${form.dataset.review}`, body);
    location.href = "/review";
  } catch (error) {
    problem.className = "note bad";
    problem.textContent = error.message;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  decide({ decision: "file", ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim() || null])) });
});
document.querySelector("#drop").addEventListener("click", () => {
  if (confirm("Bỏ giấy tờ này? Tệp gốc vẫn được giữ, nhưng giấy tờ không vào kho.")) decide({ decision: "drop" });
});
