"""Sentences that make a document long: what plans, letters and contracts say between the parts that matter."""

from __future__ import annotations

TRAIN = (
    "Các phòng, đơn vị căn cứ chức năng, nhiệm vụ được giao chủ động xây dựng kế hoạch chi tiết, phân công người phụ trách, thời gian hoàn thành và sản phẩm cụ thể.",
    "Tăng cường tuyên truyền trên hệ thống truyền thanh, trang thông tin điện tử để người dân, doanh nghiệp biết và sử dụng dịch vụ công trực tuyến.",
    "Kinh phí thực hiện được bố trí trong dự toán ngân sách hằng năm và các nguồn hợp pháp khác theo quy định.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị kịp thời phản ánh để được xem xét, giải quyết.",
    "Rà soát hồ sơ còn tồn, giấy tờ chưa được số hóa; thực hiện ký số và lưu kho trước khi trả kết quả cho tổ chức, cá nhân.",
    "Công chức được phân công phải kiểm tra tính hợp lệ của giấy chứng nhận, quyết định, hợp đồng do người dân nộp.",
    "Việc thực hiện nhiệm vụ được đưa vào tiêu chí đánh giá, xếp loại thi đua cuối năm của tập thể, cá nhân.",
    "Giao Văn phòng theo dõi, đôn đốc, kiểm tra và tổng hợp kết quả thực hiện, báo cáo định kỳ trước ngày 20 hằng tháng.",
    "Bảo đảm an toàn thông tin, an ninh mạng và bảo vệ dữ liệu cá nhân trong quá trình tiếp nhận, xử lý hồ sơ.",
    "Số liệu được tổng hợp từ Hệ thống thông tin giải quyết thủ tục hành chính của tỉnh, đối chiếu với Cổng Dịch vụ công quốc gia.",
    "Các bên cam kết thực hiện đúng những nội dung đã thỏa thuận; mọi thay đổi phải được lập thành văn bản.",
    "Trường hợp có tranh chấp, các bên ưu tiên thương lượng; nếu không thống nhất thì đưa ra Tòa án nhân dân có thẩm quyền giải quyết.",
)
JUDGE = (
    "Thường xuyên rà soát, cập nhật danh mục thành phần hồ sơ phải số hóa; không yêu cầu người dân nộp lại giấy tờ đã có trong kho dữ liệu.",
    "Mỗi thôn, khu phố thành lập một tổ công nghệ số cộng đồng để hỗ trợ người cao tuổi nộp hồ sơ tại nhà.",
    "Đến hết quý, tỷ lệ hồ sơ giải quyết đúng và trước hạn đạt trên 98%, không có đơn thư phản ánh về thái độ phục vụ.",
    "Một số máy quét đã cũ, tốc độ chậm, ảnh hưởng đến thời gian tiếp nhận tại quầy vào giờ cao điểm.",
    "Đề nghị cấp có thẩm quyền sớm ban hành định mức kinh phí và hướng dẫn cụ thể về ký số hồ sơ.",
    "Bên nhận có trách nhiệm bảo quản tài sản, không tự ý sửa chữa khi chưa có sự đồng ý của bên giao.",
    "Nếu một bên vi phạm nghĩa vụ thì phải bồi thường toàn bộ thiệt hại thực tế đã gây ra cho bên kia.",
    "Những nội dung không nêu trong văn bản này được thực hiện theo quy định hiện hành của pháp luật.",
)
