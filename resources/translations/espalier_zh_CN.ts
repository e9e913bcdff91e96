<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
  <context>
    <name>AboutDialog</name>
    <message>
      <source>A studio for compressing neural networks. It works offline, and opens no connection but those that you ask for.</source>
      <translation>神经网络压缩工作室。离线工作，除您主动要求的连接外不建立任何网络连接。</translation>
    </message>
    <message>
      <source>About Espalier</source>
      <translation>关于 Espalier</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Copy versions</source>
      <translation>复制版本信息</translation>
    </message>
    <message>
      <source>Espalier {version}</source>
      <translation>Espalier {version}</translation>
    </message>
    <message>
      <source>License</source>
      <translation>许可证</translation>
    </message>
    <message>
      <source>Part</source>
      <translation>组件</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>处理器</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>线程数</translation>
    </message>
    <message>
      <source>Version</source>
      <translation>版本</translation>
    </message>
    <message>
      <source>Versions</source>
      <translation>版本信息</translation>
    </message>
  </context>
  <context>
    <name>ActivationsTab</name>
    <message>
      <source>&amp;Log</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Range:</source>
      <translation>范围(&amp;R)：</translation>
    </message>
    <message>
      <source>Activation</source>
      <translation>激活</translation>
    </message>
    <message>
      <source>All values are the same.</source>
      <translation>所有值都相同。</translation>
    </message>
    <message>
      <source>Histogram of activations</source>
      <translation>激活直方图</translation>
    </message>
    <message>
      <source>Input</source>
      <translation>输入</translation>
    </message>
    <message>
      <source>Logarithmic counts: rare values are seen</source>
      <translation>对数计数：便于看清少见的值</translation>
    </message>
    <message>
      <source>No activations</source>
      <translation>没有激活</translation>
    </message>
    <message>
      <source>Noise stands in for data.</source>
      <translation>以噪声代替数据。</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Open data…</source>
      <translation>打开数据…</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>Real samples give other values.</source>
      <translation>真实样本会给出不同的值。</translation>
    </message>
    <message>
      <source>Side of the layer</source>
      <translation>层的哪一侧</translation>
    </message>
    <message>
      <source>This network cannot be run.</source>
      <translation>此网络无法运行。</translation>
    </message>
    <message>
      <source>{range}: {low} to {high}, error {error} at {bits} bits</source>
      <translation>{range}：{low} 到 {high}，{bits} 位时误差 {error}</translation>
    </message>
    <message>
      <source>{samples} samples, values from {low} to {high}, {zeros} zeros.</source>
      <translation>{samples} 个样本，值从 {low} 到 {high}，其中 {zeros} 个零。</translation>
    </message>
  </context>
  <context>
    <name>Advice</name>
    <message>
      <source>A few hundred samples are enough to measure, too few to train on.</source>
      <translation>几百个样本足以测量，但不足以训练。</translation>
    </message>
    <message>
      <source>Activations of 4 bits need training while they are rounded.</source>
      <translation>4 位激活需要在取整的同时进行训练。</translation>
    </message>
    <message>
      <source>Eight bits are the largest saving that mostly costs no accuracy.</source>
      <translation>8 位是在大多数情况下不损失准确率的最大节省。</translation>
    </message>
    <message>
      <source>Fewer channels, and fewer bits for each weight that is left.</source>
      <translation>减少通道，并减少剩余每个权重的位数。</translation>
    </message>
    <message>
      <source>Half precision loses hardly anything.</source>
      <translation>半精度几乎没有任何损失。</translation>
    </message>
    <message>
      <source>Layers that are solved anew make up for channels that go.</source>
      <translation>重新求解各层，以弥补被移除的通道。</translation>
    </message>
    <message>
      <source>Nothing is to be trained.</source>
      <translation>无需任何训练。</translation>
    </message>
    <message>
      <source>Only less work makes every runtime faster; integers add to that.</source>
      <translation>只有减少计算量才能让所有运行时变快；整数运算可再进一步。</translation>
    </message>
    <message>
      <source>Sparse cores want two of every four weights.</source>
      <translation>稀疏核心要求每四个权重中保留两个。</translation>
    </message>
    <message>
      <source>Weights alone can be rounded.</source>
      <translation>可以只对权重取整。</translation>
    </message>
    <message>
      <source>What is bound by memory gains by smaller weights, not by less work.</source>
      <translation>受内存限制的任务得益于更小的权重，而不是更少的计算。</translation>
    </message>
    <message>
      <source>With eight bits the loss stays small.</source>
      <translation>使用 8 位时损失很小。</translation>
    </message>
    <message>
      <source>Without samples nothing can be measured or trained.</source>
      <translation>没有样本，就无法测量或训练。</translation>
    </message>
    <message>
      <source>Without training, activations keep their precision.</source>
      <translation>不训练时，激活保持原有精度。</translation>
    </message>
    <message>
      <source>Zeros in that pattern cost accuracy, which only training brings back.</source>
      <translation>按该模式置零会损失准确率，只有训练才能恢复。</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
    <message>
      <source>{number}. {title} – {strength}</source>
      <translation>{number}. {title} – {strength}</translation>
    </message>
  </context>
  <context>
    <name>AdviceDialog</name>
    <message>
      <source>A few hundred samples</source>
      <translation>几百个样本</translation>
    </message>
    <message>
      <source>A few points, if it gets much smaller</source>
      <translation>几个百分点，只要能小很多</translation>
    </message>
    <message>
      <source>A smaller file</source>
      <translation>更小的文件</translation>
    </message>
    <message>
      <source>About a point</source>
      <translation>约一个百分点</translation>
    </message>
    <message>
      <source>An accelerator that computes with 4 bits</source>
      <translation>以 4 位计算的加速器</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Faster on this or any processor</source>
      <translation>在这台或任何处理器上更快</translation>
    </message>
    <message>
      <source>How much accuracy may it cost?</source>
      <translation>可以损失多少准确率？</translation>
    </message>
    <message>
      <source>How much data is there?</source>
      <translation>有多少数据？</translation>
    </message>
    <message>
      <source>May the network be trained?</source>
      <translation>可以训练网络吗？</translation>
    </message>
    <message>
      <source>No, it has to be done in one go</source>
      <translation>不可以，必须一次完成</translation>
    </message>
    <message>
      <source>None</source>
      <translation>没有</translation>
    </message>
    <message>
      <source>None that matters</source>
      <translation>几乎不能损失</translation>
    </message>
    <message>
      <source>Sparse cores of a graphics processor</source>
      <translation>图形处理器的稀疏核心</translation>
    </message>
    <message>
      <source>The device is short of memory or slow at reading it</source>
      <translation>设备内存不足，或读取内存较慢</translation>
    </message>
    <message>
      <source>The training data, with labels or without</source>
      <translation>训练数据，有无标签均可</translation>
    </message>
    <message>
      <source>Use this recipe</source>
      <translation>使用此配方</translation>
    </message>
    <message>
      <source>What matters most?</source>
      <translation>最看重什么？</translation>
    </message>
    <message>
      <source>Which should I use?</source>
      <translation>我该用哪一种？</translation>
    </message>
    <message>
      <source>Yes, there is time for it</source>
      <translation>可以，时间充裕</translation>
    </message>
  </context>
  <context>
    <name>Agreement</name>
    <message>
      <source>&amp;Quantity:</source>
      <translation>数量(&amp;Q)：</translation>
    </message>
    <message>
      <source>Accuracy lost</source>
      <translation>准确率损失</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Predicted against measured</source>
      <translation>预测与实测</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>with steps that no cost is known of</source>
      <translation>含代价未知的步骤</translation>
    </message>
    <message>
      <source>{good} of {count} within a factor of two</source>
      <translation>{count} 个中有 {good} 个在两倍以内</translation>
    </message>
  </context>
  <context>
    <name>AgreementPlot</name>
    <message>
      <source>Interval of the prediction</source>
      <translation>预测区间</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Predicted</source>
      <translation>预测</translation>
    </message>
    <message>
      <source>Trial</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>Within a factor of two</source>
      <translation>两倍以内</translation>
    </message>
    <message>
      <source>{name}: ~{predicted} predicted, {measured} measured ({factor} times)</source>
      <translation>{name}：预测 ~{predicted}，实测 {measured}（{factor} 倍）</translation>
    </message>
    <message>
      <source>{quantity}, measured</source>
      <translation>{quantity}，实测</translation>
    </message>
    <message>
      <source>{quantity}, predicted</source>
      <translation>{quantity}，预测</translation>
    </message>
  </context>
  <context>
    <name>ArchitectureDialog</name>
    <message>
      <source>3x32x32: without the batch</source>
      <translation>3x32x32：不含批次</translation>
    </message>
    <message>
      <source>A Python file</source>
      <translation>一个 Python 文件</translation>
    </message>
    <message>
      <source>Architecture</source>
      <translation>网络结构</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose a Python file</source>
      <translation>选择 Python 文件</translation>
    </message>
    <message>
      <source>Choose a file that ends in .py.</source>
      <translation>请选择以 .py 结尾的文件。</translation>
    </message>
    <message>
      <source>Choose the Python file that builds the network, and the function or class in it that makes one when it is called without arguments.</source>
      <translation>请选择构建网络的 Python 文件，以及其中不带参数调用即可创建网络的函数或类。</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Function or class</source>
      <translation>函数或类</translation>
    </message>
    <message>
      <source>I know where this Python file comes from; it may run</source>
      <translation>我知道此 Python 文件的来源，允许其运行</translation>
    </message>
    <message>
      <source>Input shape</source>
      <translation>输入形状</translation>
    </message>
    <message>
      <source>Its code runs in this program: it can read, change, delete or send away everything that you can.</source>
      <translation>其中的代码将在本程序内运行：凡是您有权读取、更改、删除或发送的内容，它都可以操作。</translation>
    </message>
    <message>
      <source>No function or class in it can be called without arguments.</source>
      <translation>其中没有可以不带参数调用的函数或类。</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>The file has a mistake in line {line}.</source>
      <translation>该文件第 {line} 行有错误。</translation>
    </message>
    <message>
      <source>The file is too large to look into.</source>
      <translation>该文件太大，无法检查。</translation>
    </message>
    <message>
      <source>There is no such file.</source>
      <translation>没有此文件。</translation>
    </message>
    <message>
      <source>Write it like 3x32x32.</source>
      <translation>请按 3x32x32 的形式填写。</translation>
    </message>
    <message>
      <source>make_network</source>
      <translation>make_network</translation>
    </message>
    <message>
      <source>“{name}” holds weights without a network</source>
      <translation>“{name}”只包含权重，不包含网络</translation>
    </message>
  </context>
  <context>
    <name>AxesScatter</name>
    <message>
      <source>&amp;Horizontal:</source>
      <translation>横轴(&amp;H)：</translation>
    </message>
    <message>
      <source>&amp;Vertical:</source>
      <translation>纵轴(&amp;V)：</translation>
    </message>
  </context>
  <context>
    <name>BitsList</name>
    <message>
      <source>Leave as they are</source>
      <translation>保持不变</translation>
    </message>
  </context>
  <context>
    <name>BitsPlot</name>
    <message>
      <source>Bits</source>
      <translation>位数</translation>
    </message>
    <message>
      <source>Not quantized. Click a number of bits to choose it.</source>
      <translation>未量化。点击某个位数即可选用。</translation>
    </message>
    <message>
      <source>Quantization error</source>
      <translation>量化误差</translation>
    </message>
    <message>
      <source>The error is not known for this layer.</source>
      <translation>此层的误差未知。</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
    <message>
      <source>{bits} bits: error {error}</source>
      <translation>{bits} 位：误差 {error}</translation>
    </message>
  </context>
  <context>
    <name>BitsTab</name>
    <message>
      <source>&amp;Grid of channel:</source>
      <translation>通道的网格(&amp;G)：</translation>
    </message>
    <message>
      <source>A click sets all {count} selected layers.</source>
      <translation>点击将设置全部 {count} 个所选层。</translation>
    </message>
    <message>
      <source>Not quantized</source>
      <translation>未量化</translation>
    </message>
    <message>
      <source>Signal to noise {ratio} dB, steps of {step} in channel {channel}.</source>
      <translation>信噪比 {ratio} dB，通道 {channel} 的步长为 {step}。</translation>
    </message>
    <message>
      <source>Squared error</source>
      <translation>平方误差</translation>
    </message>
    <message>
      <source>The errors are those of a sample of the weights.</source>
      <translation>误差由权重的抽样得出。</translation>
    </message>
    <message>
      <source>The output channel whose grid of values is shown</source>
      <translation>显示其取值网格的输出通道</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weights and their grid</source>
      <translation>权重及其网格</translation>
    </message>
  </context>
  <context>
    <name>BitsTyping</name>
    <message>
      <source>{typed} bits are not offered: type one of {offered}.</source>
      <translation>不提供 {typed} 位：请输入 {offered} 之一。</translation>
    </message>
  </context>
  <context>
    <name>BudgetBar</name>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>Fit to budget…</source>
      <translation>按预算适配…</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>More numbers</source>
      <translation>更多指标</translation>
    </message>
    <message>
      <source>Not measured yet.</source>
      <translation>尚未测量。</translation>
    </message>
    <message>
      <source>Open data to measure how good the answers are.</source>
      <translation>打开数据以测量答案的质量。</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The original: {value}</source>
      <translation>原始模型：{value}</translation>
    </message>
    <message>
      <source>This recipe has not been run yet.</source>
      <translation>此配方尚未运行。</translation>
    </message>
    <message>
      <source>Top-1</source>
      <translation>Top-1</translation>
    </message>
    <message>
      <source>agreement · {samples} · ±{width}</source>
      <translation>一致率 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>labels · {samples} · ±{width}</source>
      <translation>标签 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>synthetic · {samples} · ±{width}</source>
      <translation>合成 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>{title}: {values}</source>
      <translation>{title}：{values}</translation>
    </message>
    <message>
      <source>{trial}: {value}</source>
      <translation>{trial}：{value}</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} samples have the label's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个样本中与标签类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} samples have the original's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个样本中与原始模型类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} synthetic samples have the original's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个合成样本中与原始模型类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}), {samples} samples</source>
      <translation>{value}（{low} 到 {high}），{samples} 个样本</translation>
    </message>
    <message>
      <source>{value}: measured on the file that {trial} wrote</source>
      <translation>{value}：在 {trial} 写出的文件上测得</translation>
    </message>
    <message>
      <source>{value}: the file as it was opened</source>
      <translation>{value}：所打开的文件</translation>
    </message>
    <message>
      <source>{value}: the original</source>
      <translation>{value}：原始模型</translation>
    </message>
    <message>
      <source>{value}: the original's largest sum of live values, for a batch of one</source>
      <translation>{value}：原始模型在批次为 1 时存活值总量的最大值</translation>
    </message>
    <message>
      <source>{value}: the original's multiply-accumulates for one sample</source>
      <translation>{value}：原始模型处理一个样本的乘加运算次数</translation>
    </message>
    <message>
      <source>{value}: the original, measured</source>
      <translation>{value}：原始模型，实测</translation>
    </message>
    <message>
      <source>~{value}: each layer's measured time in proportion to its MACs; what integers gain is not in it</source>
      <translation>~{value}：由各层实测时间按其 MACs 比例推算；未计入整数运算的收益</translation>
    </message>
    <message>
      <source>~{value}: predicted from the recipe and the layers' shapes</source>
      <translation>~{value}：由配方和各层形状预测</translation>
    </message>
    <message>
      <source>~{value}: predicted from what each setting costs, a loss of ~{loss}</source>
      <translation>~{value}：由各设置的代价预测，损失为 ~{loss}</translation>
    </message>
    <message>
      <source>~{value}: predicted from what each setting costs, a loss of ~{loss} ({low} to {high})</source>
      <translation>~{value}：由各设置的代价预测，损失为 ~{loss}（{low} 至 {high}）</translation>
    </message>
    <message>
      <source>~{value}: the original's peak in proportion to the layer whose input and output are largest</source>
      <translation>~{value}：按输入与输出最大的层对原始峰值的比例计算</translation>
    </message>
  </context>
  <context>
    <name>ChannelsTab</name>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Scores:</source>
      <translation>评分(&amp;S)：</translation>
    </message>
    <message>
      <source>As in the recipe</source>
      <translation>按配方</translation>
    </message>
    <message>
      <source>Each stands for {count} neighboring channels.</source>
      <translation>每项代表 {count} 个相邻通道。</translation>
    </message>
    <message>
      <source>Open data…</source>
      <translation>打开数据…</translation>
    </message>
    <message>
      <source>Score: {criterion}</source>
      <translation>评分：{criterion}</translation>
    </message>
    <message>
      <source>Scored on {count} calibration samples.</source>
      <translation>在 {count} 个校准样本上评分。</translation>
    </message>
    <message>
      <source>The line sets all {count} selected layers.</source>
      <translation>此线将设置全部 {count} 个所选层。</translation>
    </message>
    <message>
      <source>The recipe keeps ~{kept} of {count} channels.</source>
      <translation>配方保留 {count} 个通道中的 ~{kept} 个。</translation>
    </message>
    <message>
      <source>The step divides its share among the groups; the line gives this group one of its own.</source>
      <translation>该步骤在各组之间分配其比例；拖动此线可为本组单独设置。</translation>
    </message>
    <message>
      <source>These channels stay</source>
      <translation>这些通道保留</translation>
    </message>
    <message>
      <source>They are shared by {count} layers.</source>
      <translation>它们由 {count} 个层共享。</translation>
    </message>
    <message>
      <source>What the scores shown are. The recipe keeps the criterion it has.</source>
      <translation>图中显示的是哪种评分。配方仍使用原有准则。</translation>
    </message>
    <message>
      <source>{reason} Open data, or choose other scores above.</source>
      <translation>{reason}请打开数据，或在上方选择其他评分。</translation>
    </message>
  </context>
  <context>
    <name>ChoiceEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>Choosers</name>
    <message>
      <source>&amp;Log</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Method:</source>
      <translation>方法(&amp;M)：</translation>
    </message>
    <message>
      <source>&amp;Show:</source>
      <translation>显示(&amp;S)：</translation>
    </message>
    <message>
      <source>All methods</source>
      <translation>所有方法</translation>
    </message>
    <message>
      <source>Logarithmic colors and losses</source>
      <translation>对数颜色与损失</translation>
    </message>
    <message>
      <source>Weights changed</source>
      <translation>权重改变量</translation>
    </message>
  </context>
  <context>
    <name>ClassesTable</name>
    <message>
      <source>Accuracy of each class</source>
      <translation>各类别的准确率</translation>
    </message>
    <message>
      <source>Change</source>
      <translation>变化</translation>
    </message>
    <message>
      <source>Class</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>No accuracy of classes was measured.</source>
      <translation>未测量各类别的准确率。</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
  </context>
  <context>
    <name>CommandPalette</name>
    <message>
      <source>Command</source>
      <translation>命令</translation>
    </message>
    <message>
      <source>Commands</source>
      <translation>命令</translation>
    </message>
    <message>
      <source>Commands that fit</source>
      <translation>匹配的命令</translation>
    </message>
    <message>
      <source>No command fits</source>
      <translation>没有匹配的命令</translation>
    </message>
    <message>
      <source>Type a command</source>
      <translation>输入命令</translation>
    </message>
  </context>
  <context>
    <name>Commander</name>
    <message>
      <source>A run has not ended: its result would be lost.</source>
      <translation>有一次运行尚未结束：其结果将丢失。</translation>
    </message>
    <message>
      <source>All files</source>
      <translation>所有文件</translation>
    </message>
    <message>
      <source>All that can be opened</source>
      <translation>所有可打开的文件</translation>
    </message>
    <message>
      <source>Close and drop the run</source>
      <translation>关闭并放弃运行</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>数据</translation>
    </message>
    <message>
      <source>Espalier projects</source>
      <translation>Espalier 项目</translation>
    </message>
    <message>
      <source>Everything else is saved.</source>
      <translation>其余内容均已保存。</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>Open a folder of images</source>
      <translation>打开图像文件夹</translation>
    </message>
    <message>
      <source>Open a project</source>
      <translation>打开项目</translation>
    </message>
    <message>
      <source>Open data</source>
      <translation>打开数据</translation>
    </message>
    <message>
      <source>Recipes</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Save the project as</source>
      <translation>项目另存为</translation>
    </message>
    <message>
      <source>Save the recipe</source>
      <translation>保存配方</translation>
    </message>
    <message>
      <source>Show {panel}</source>
      <translation>显示{panel}</translation>
    </message>
    <message>
      <source>Stay</source>
      <translation>留下</translation>
    </message>
    <message>
      <source>View</source>
      <translation>视图</translation>
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>&amp;About Espalier</source>
      <translation>关于 Espalier(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Apply</source>
      <translation>应用(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Cancel the run</source>
      <translation>取消运行(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Command palette…</source>
      <translation>命令面板(&amp;C)…</translation>
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation>编辑(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Export…</source>
      <translation>导出(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;File</source>
      <translation>文件(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Find a layer</source>
      <translation>查找层(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Fit to budget…</source>
      <translation>按预算适配(&amp;F)…</translation>
    </message>
    <message>
      <source>&amp;Full screen</source>
      <translation>全屏(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>帮助(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;History</source>
      <translation>历史记录(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Lock or unlock the selection</source>
      <translation>锁定或解锁所选层(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Measure the original</source>
      <translation>测量原始模型(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Open…</source>
      <translation>打开(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Pause or go on</source>
      <translation>暂停或继续(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>退出(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Recipe</source>
      <translation>配方(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation>重做(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Reset layout</source>
      <translation>重置布局(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Stop and keep the best</source>
      <translation>停止并保留最佳(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>撤销(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>视图(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Which should I use?…</source>
      <translation>我该用哪一种？(&amp;W)…</translation>
    </message>
    <message>
      <source>A folder with one folder of images for each class.</source>
      <translation>一个文件夹，其中每个类别各有一个图像文件夹。</translation>
    </message>
    <message>
      <source>A project is saved by itself; this gives it a name and a place.</source>
      <translation>项目会自动保存；此命令为其指定名称和位置。</translation>
    </message>
    <message>
      <source>Apply to si&amp;milar layers</source>
      <translation>应用到相似层(&amp;M)</translation>
    </message>
    <message>
      <source>Apply, &amp;quick measure</source>
      <translation>应用并快速测量(&amp;Q)</translation>
    </message>
    <message>
      <source>Drop the run and its result.</source>
      <translation>放弃运行及其结果。</translation>
    </message>
    <message>
      <source>End the run early; what is best so far becomes the trial.</source>
      <translation>提前结束运行；到目前为止的最佳结果成为试验。</translation>
    </message>
    <message>
      <source>Light or &amp;dark</source>
      <translation>浅色或深色(&amp;D)</translation>
    </message>
    <message>
      <source>Like Apply, with the accuracy of a part of the evaluation samples.</source>
      <translation>与“应用”相同，但准确率只在部分评估样本上测量。</translation>
    </message>
    <message>
      <source>Measure &amp;sensitivity</source>
      <translation>测量敏感度(&amp;S)</translation>
    </message>
    <message>
      <source>Models, data, recipes and projects; several at once.</source>
      <translation>模型、数据、配方和项目；可同时打开多个。</translation>
    </message>
    <message>
      <source>Open &amp;data…</source>
      <translation>打开数据(&amp;D)…</translation>
    </message>
    <message>
      <source>Open &amp;project…</source>
      <translation>打开项目(&amp;P)…</translation>
    </message>
    <message>
      <source>Open data &amp;folder…</source>
      <translation>打开数据文件夹(&amp;F)…</translation>
    </message>
    <message>
      <source>Open the &amp;sample</source>
      <translation>打开示例(&amp;S)</translation>
    </message>
    <message>
      <source>Pre&amp;ferences…</source>
      <translation>首选项(&amp;F)…</translation>
    </message>
    <message>
      <source>Replace estimated costs of settings by measured ones, for two minutes.</source>
      <translation>用两分钟时间，以实测代价替换设置的估计代价。</translation>
    </message>
    <message>
      <source>Rese&amp;t the selection</source>
      <translation>重置所选层(&amp;T)</translation>
    </message>
    <message>
      <source>Run the recipe in the background and measure the result: a new trial.</source>
      <translation>在后台运行配方并测量结果，生成新的试验。</translation>
    </message>
    <message>
      <source>Save &amp;recipe…</source>
      <translation>保存配方(&amp;R)…</translation>
    </message>
    <message>
      <source>Save project &amp;as…</source>
      <translation>项目另存为(&amp;A)…</translation>
    </message>
    <message>
      <source>Select &amp;all layers</source>
      <translation>选择所有层(&amp;A)</translation>
    </message>
    <message>
      <source>Select &amp;similar layers</source>
      <translation>选择相似层(&amp;S)</translation>
    </message>
    <message>
      <source>Select the channel &amp;group</source>
      <translation>选择通道组(&amp;G)</translation>
    </message>
    <message>
      <source>Settings of all layers for a size, a time or an accuracy that must be kept.</source>
      <translation>为必须满足的大小、时间或准确率选择所有层的设置。</translation>
    </message>
    <message>
      <source>Write the compressed network, checked, with recipe and report.</source>
      <translation>写出经过检查的压缩网络，并附上配方和报告。</translation>
    </message>
  </context>
  <context>
    <name>Compare</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>Agreement</source>
      <translation>一致率</translation>
    </message>
    <message>
      <source>Chance alone does that in {share} of cases, so it is hardly chance.</source>
      <translation>仅凭偶然出现此结果的概率：{share}，因此几乎不可能是偶然。</translation>
    </message>
    <message>
      <source>Chance alone does that in {share} of cases, so it may well be chance.</source>
      <translation>仅凭偶然出现此结果的概率：{share}，因此很可能只是偶然。</translation>
    </message>
    <message>
      <source>Divergence</source>
      <translation>散度</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Mean KL divergence from the original’s outputs, in nats: measured, and with ~ as it was predicted before the run.</source>
      <translation>与原始模型输出的平均 KL 散度，单位为奈特：实测值，以及运行前预测的值（带 ~）。</translation>
    </message>
    <message>
      <source>Of the same {count:,} samples {changed:,} got another answer.</source>
      <translation>同样的 {count:,} 个样本中，{changed:,} 个的答案发生了变化。</translation>
    </message>
    <message>
      <source>Of the same {count:,} samples {lost:,} became wrong and {won:,} became right.</source>
      <translation>同样的 {count:,} 个样本中，{lost:,} 个变为错误，{won:,} 个变为正确。</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>随机种子</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Top five</source>
      <translation>Top-5</translation>
    </message>
    <message>
      <source>With the original’s answers.</source>
      <translation>与原始模型的答案相比。</translation>
    </message>
    <message>
      <source>applied</source>
      <translation>应用</translation>
    </message>
    <message>
      <source>left out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>less than 0.1 %</source>
      <translation>小于 0.1 %</translation>
    </message>
    <message>
      <source>not there</source>
      <translation>不存在</translation>
    </message>
    <message>
      <source>off</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>on</source>
      <translation>开启</translation>
    </message>
    <message>
      <source>{measured} ({predicted})</source>
      <translation>{measured} ({predicted})</translation>
    </message>
    <message>
      <source>{sign}{percent}</source>
      <translation>{sign}{percent}</translation>
    </message>
  </context>
  <context>
    <name>CompareView</name>
    <message>
      <source>A trial that is run with data keeps the answer to each sample.</source>
      <translation>使用数据运行的试验会保存每个样本的答案。</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>First network</source>
      <translation>第一个网络</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Nothing to compare yet</source>
      <translation>暂无可比较的内容</translation>
    </message>
    <message>
      <source>Open the data again to see the pictures.</source>
      <translation>重新打开数据即可查看图像。</translation>
    </message>
    <message>
      <source>Reading the answers…</source>
      <translation>正在读取答案…</translation>
    </message>
    <message>
      <source>Run the recipe: the trial is then compared with the original.</source>
      <translation>运行配方后，即可将试验与原始模型比较。</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
    <message>
      <source>Second network</source>
      <translation>第二个网络</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Swap the two</source>
      <translation>交换两者</translation>
    </message>
  </context>
  <context>
    <name>CurvesPlot</name>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Logarithmic losses</source>
      <translation>对数损失</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Select a layer to see its curve.</source>
      <translation>选择一个层以查看其曲线。</translation>
    </message>
    <message>
      <source>{count} more layers</source>
      <translation>另外 {count} 个层</translation>
    </message>
    <message>
      <source>{layer} at {setting}: {loss} (from {low} to {high}), measured</source>
      <translation>{layer} 设为 {setting}：{loss}（{low} 到 {high}），实测</translation>
    </message>
    <message>
      <source>{layer} at {setting}: {loss}, measured</source>
      <translation>{layer} 设为 {setting}：{loss}，实测</translation>
    </message>
    <message>
      <source>{layer} at {setting}: ~{loss}, estimated</source>
      <translation>{layer} 设为 {setting}：~{loss}，估计</translation>
    </message>
  </context>
  <context>
    <name>DataDialog</name>
    <message>
      <source>A few samples of “{split}”</source>
      <translation>“{split}”中的几个样本</translation>
    </message>
    <message>
      <source>All others</source>
      <translation>其余所有列</translation>
    </message>
    <message>
      <source>As the network gets them</source>
      <translation>网络实际接收的样子</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose a tokenizer</source>
      <translation>选择分词器</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>数据</translation>
    </message>
    <message>
      <source>Input columns</source>
      <translation>输入列</translation>
    </message>
    <message>
      <source>Label column</source>
      <translation>标签列</translation>
    </message>
    <message>
      <source>Looking at the data…</source>
      <translation>正在查看数据…</translation>
    </message>
    <message>
      <source>Preprocessing</source>
      <translation>预处理</translation>
    </message>
    <message>
      <source>The network's answer is the label for {right} of {known} samples only: is the preprocessing right?</source>
      <translation>{known} 个样本中只有 {right} 个的网络答案与标签一致：预处理是否正确？</translation>
    </message>
    <message>
      <source>The network's answer is the label for {right} of {known} samples.</source>
      <translation>{known} 个样本中有 {right} 个的网络答案与标签一致。</translation>
    </message>
    <message>
      <source>Tokenizer</source>
      <translation>分词器</translation>
    </message>
    <message>
      <source>Use this data</source>
      <translation>使用此数据</translation>
    </message>
    <message>
      <source>each {shape}, {dtype}</source>
      <translation>每个 {shape}，{dtype}</translation>
    </message>
    <message>
      <source>label, y, target or class</source>
      <translation>label、y、target 或 class</translation>
    </message>
    <message>
      <source>tokenizer.json, for texts</source>
      <translation>tokenizer.json，用于文本</translation>
    </message>
    <message>
      <source>{count} classes ({names})</source>
      <translation>{count} 个类别（{names}）</translation>
    </message>
    <message>
      <source>{count} classes ({names}, …)</source>
      <translation>{count} 个类别（{names}…）</translation>
    </message>
    <message>
      <source>{count} samples cannot be read and are left out</source>
      <translation>{count} 个样本无法读取，已略过</translation>
    </message>
    <message>
      <source>{name}: {count} samples</source>
      <translation>{name}：{count} 个样本</translation>
    </message>
    <message>
      <source>{name}: {count} samples without labels</source>
      <translation>{name}：{count} 个无标签样本</translation>
    </message>
  </context>
  <context>
    <name>DataEditor</name>
    <message>
      <source>Must be JSON</source>
      <translation>必须是 JSON</translation>
    </message>
  </context>
  <context>
    <name>DetailsTab</name>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Attributes</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Channel group</source>
      <translation>通道组</translation>
    </message>
    <message>
      <source>Folds into</source>
      <translation>折叠到</translation>
    </message>
    <message>
      <source>In the file</source>
      <translation>文件中</translation>
    </message>
    <message>
      <source>Input</source>
      <translation>输入</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>Low rank</source>
      <translation>低秩</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Multiplications</source>
      <translation>乘法次数</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>Output memory</source>
      <translation>输出内存</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Read by</source>
      <translation>读取者</translation>
    </message>
    <message>
      <source>Share of the time</source>
      <translation>时间占比</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The solver and the slider leave it alone.</source>
      <translation>求解器和滑块不会改动它。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Verdict</source>
      <translation>判定</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weights shared with</source>
      <translation>共享权重的层</translation>
    </message>
    <message>
      <source>and {count} more</source>
      <translation>以及另外 {count} 个</translation>
    </message>
    <message>
      <source>direct {direct}, Winograd {winograd}, FFT {fft}; the runtime chooses</source>
      <translation>直接 {direct}，Winograd {winograd}，FFT {fft}；由运行时选择</translation>
    </message>
    <message>
      <source>left out by a rule</source>
      <translation>被规则排除</translation>
    </message>
    <message>
      <source>no limits</source>
      <translation>无限制</translation>
    </message>
    <message>
      <source>not measured</source>
      <translation>未测量</translation>
    </message>
    <message>
      <source>{channels} channels of {count} layers</source>
      <translation>{channels} 个通道，涉及 {count} 个层</translation>
    </message>
    <message>
      <source>{channels} channels, of this layer alone</source>
      <translation>{channels} 个通道，仅属于此层</translation>
    </message>
    <message>
      <source>{unit} go together</source>
      <translation>{unit} 个一起移除</translation>
    </message>
  </context>
  <context>
    <name>Edits</name>
    <message>
      <source>Apply {layer} to similar layers</source>
      <translation>将 {layer} 的设置应用到相似层</translation>
    </message>
    <message>
      <source>Back to {trial}</source>
      <translation>回到“{trial}”</translation>
    </message>
    <message>
      <source>Edit the YAML</source>
      <translation>编辑 YAML</translation>
    </message>
    <message>
      <source>Fit to budget</source>
      <translation>按预算适配</translation>
    </message>
    <message>
      <source>Open: {file}</source>
      <translation>打开：{file}</translation>
    </message>
    <message>
      <source>Reset {field}</source>
      <translation>重置{field}</translation>
    </message>
    <message>
      <source>Reset {layers}</source>
      <translation>重置 {layers}</translation>
    </message>
    <message>
      <source>Seed: {value}</source>
      <translation>随机种子：{value}</translation>
    </message>
    <message>
      <source>Use {preset}</source>
      <translation>使用“{preset}”</translation>
    </message>
    <message>
      <source>all layers</source>
      <translation>所有层</translation>
    </message>
    <message>
      <source>{count} layers</source>
      <translation>{count} 个层</translation>
    </message>
    <message>
      <source>{subject} left out of {step}</source>
      <translation>{subject} 不参与{step}</translation>
    </message>
    <message>
      <source>{subject} taken into {step}</source>
      <translation>{subject} 参与{step}</translation>
    </message>
    <message>
      <source>{what} ({subject})</source>
      <translation>{what}（{subject}）</translation>
    </message>
  </context>
  <context>
    <name>Export</name>
    <message>
      <source>16-bit float</source>
      <translation>16 位浮点</translation>
    </message>
    <message>
      <source>32-bit float</source>
      <translation>32 位浮点</translation>
    </message>
    <message>
      <source>activations of {bits} bits</source>
      <translation>{bits} 位激活</translation>
    </message>
    <message>
      <source>weights of {bits} bits</source>
      <translation>{bits} 位权重</translation>
    </message>
    <message>
      <source>weights of {weights} bits, activations of {activations} bits</source>
      <translation>{weights} 位权重，{activations} 位激活</translation>
    </message>
  </context>
  <context>
    <name>ExportDialog</name>
    <message>
      <source>ARM</source>
      <translation>ARM</translation>
    </message>
    <message>
      <source>Any processor</source>
      <translation>任何处理器</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>导出</translation>
    </message>
    <message>
      <source>Export to</source>
      <translation>导出到</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>ONNX: any runtime (.onnx)</source>
      <translation>ONNX：任何运行时 (.onnx)</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>打开报告</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>精度</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>处理器</translation>
    </message>
    <message>
      <source>PyTorch program (.pt2)</source>
      <translation>PyTorch 程序 (.pt2)</translation>
    </message>
    <message>
      <source>Show in folder</source>
      <translation>在文件夹中显示</translation>
    </message>
    <message>
      <source>Standard operators alone; 4-bit weights are slow in this form.</source>
      <translation>仅使用标准算子；4 位权重在此形式下较慢。</translation>
    </message>
    <message>
      <source>The export was cancelled.</source>
      <translation>导出已取消。</translation>
    </message>
    <message>
      <source>The file is the same for all processors.</source>
      <translation>此文件对所有处理器都相同。</translation>
    </message>
    <message>
      <source>There is no such folder.</source>
      <translation>没有此文件夹。</translation>
    </message>
    <message>
      <source>There is such a file already; it will be replaced.</source>
      <translation>该文件已存在，将被替换。</translation>
    </message>
    <message>
      <source>This is a folder.</source>
      <translation>这是一个文件夹。</translation>
    </message>
    <message>
      <source>This machine's</source>
      <translation>本机的处理器</translation>
    </message>
    <message>
      <source>Verified: the file was loaded again, and its answers differ from the network's by at most {difference} of the largest output. It took {time}.</source>
      <translation>已验证：已重新载入文件，其答案与网络的差异不超过最大输出的 {difference}。用时 {time}。</translation>
    </message>
    <message>
      <source>Waiting for the engine…</source>
      <translation>正在等待引擎…</translation>
    </message>
    <message>
      <source>Weights alone (.safetensors)</source>
      <translation>仅权重 (.safetensors)</translation>
    </message>
    <message>
      <source>Weights keep 7 of 8 bits, since sums of full 8 bits overflow there.</source>
      <translation>权重只使用 8 位中的 7 位，因为完整 8 位的累加在该处理器上会溢出。</translation>
    </message>
    <message>
      <source>Write a report beside it</source>
      <translation>在旁边写出报告</translation>
    </message>
    <message>
      <source>Write the recipe beside it</source>
      <translation>在旁边写出配方</translation>
    </message>
    <message>
      <source>Written, but not verified: the answers of the file differ from the network's by {difference} of the largest output. It took {time}.</source>
      <translation>已写出但未通过验证：文件的答案与网络的差异为最大输出的 {difference}。用时 {time}。</translation>
    </message>
    <message>
      <source>x86 with instructions for integers (VNNI)</source>
      <translation>带整数指令的 x86 (VNNI)</translation>
    </message>
    <message>
      <source>x86 without instructions for integers (AVX2)</source>
      <translation>不带整数指令的 x86 (AVX2)</translation>
    </message>
    <message>
      <source>{format}: {reason}</source>
      <translation>{format}：{reason}</translation>
    </message>
  </context>
  <context>
    <name>ExportNumbers</name>
    <message>
      <source>Against the labels of {samples} samples</source>
      <translation>对照 {samples} 个样本的标签</translation>
    </message>
    <message>
      <source>Against the original, on {samples} made up</source>
      <translation>对照原始模型，使用 {samples} 个合成样本</translation>
    </message>
    <message>
      <source>Against the original, on {samples} samples</source>
      <translation>对照原始模型，使用 {samples} 个样本</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>Promised</source>
      <translation>承诺</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Top-1</source>
      <translation>Top-1</translation>
    </message>
  </context>
  <context>
    <name>FileEditor</name>
    <message>
      <source>Choose a file…</source>
      <translation>选择文件…</translation>
    </message>
  </context>
  <context>
    <name>FilterBar</name>
    <message>
      <source>Changed</source>
      <translation>已更改</translation>
    </message>
    <message>
      <source>Choose columns</source>
      <translation>选择列</translation>
    </message>
    <message>
      <source>Filter by name or kind</source>
      <translation>按名称或类型筛选</translation>
    </message>
    <message>
      <source>Filter layers</source>
      <translation>筛选层</translation>
    </message>
    <message>
      <source>Group by block</source>
      <translation>按块分组</translation>
    </message>
    <message>
      <source>Kind ▾</source>
      <translation>类型 ▾</translation>
    </message>
    <message>
      <source>Kind: {count} ▾</source>
      <translation>类型：{count} ▾</translation>
    </message>
    <message>
      <source>Kinds of layers to show</source>
      <translation>要显示的层类型</translation>
    </message>
    <message>
      <source>Layers that are locked</source>
      <translation>已锁定的层</translation>
    </message>
    <message>
      <source>Layers that the recipe changes</source>
      <translation>配方会改动的层</translation>
    </message>
    <message>
      <source>Layers to which something cannot be done</source>
      <translation>某些操作无法进行的层</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>Unsupported</source>
      <translation>不支持</translation>
    </message>
    <message>
      <source>Words that occur in the name or kind, or a pattern such as layer3.*</source>
      <translation>名称或类型中出现的词，或 layer3.* 之类的模式</translation>
    </message>
    <message>
      <source>{shown} of {total} layers</source>
      <translation>{shown} / {total} 个层</translation>
    </message>
    <message>
      <source>{total} layers</source>
      <translation>{total} 个层</translation>
    </message>
  </context>
  <context>
    <name>Fit</name>
    <message>
      <source>= {limit}, now {now}</source>
      <translation>= {limit}，当前 {now}</translation>
    </message>
    <message>
      <source>A limit is a number that is not negative.</source>
      <translation>上限应为非负数。</translation>
    </message>
    <message>
      <source>Accuracy lost</source>
      <translation>准确率损失</translation>
    </message>
    <message>
      <source>Bytes of the file as it would be written</source>
      <translation>将要写出的文件的字节数</translation>
    </message>
    <message>
      <source>Bytes of the layers alone</source>
      <translation>仅各层的字节数</translation>
    </message>
    <message>
      <source>Cannot be reached together with the others: it comes to {reached}.</source>
      <translation>无法与其他上限同时满足：最多只能到 {reached}。</translation>
    </message>
    <message>
      <source>Cannot be reached: the least is {nearest}.</source>
      <translation>无法满足：最小为 {nearest}。</translation>
    </message>
    <message>
      <source>Found in {count} steps, {time}.</source>
      <translation>用 {count} 步找到，耗时 {time}。</translation>
    </message>
    <message>
      <source>Found in {time}.</source>
      <translation>耗时 {time} 找到。</translation>
    </message>
    <message>
      <source>Found in {time}; a better one may be up to {gap} better.</source>
      <translation>耗时 {time} 找到；更优的方案最多可好 {gap}。</translation>
    </message>
    <message>
      <source>It begins when this has ended: {job}</source>
      <translation>等这项作业结束后开始：{job}</translation>
    </message>
    <message>
      <source>It is about to begin.</source>
      <translation>即将开始。</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Learned from {count} runs, of which the best lost {least}. This recipe is what they lead to; it has not been run itself.</source>
      <translation>已从 {count} 次运行中学习，其中最好的一次损失 {least}。此配方是由它们得出的，本身尚未运行。</translation>
    </message>
    <message>
      <source>Learning run {number}</source>
      <translation>学习运行 {number}</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Mean KL divergence from the original's outputs, in nats; needs no labels</source>
      <translation>与原始模型输出的平均 KL 散度，单位为奈特；不需要标签</translation>
    </message>
    <message>
      <source>Measured on {samples} validation samples: loss {loss}, in the first of {count} runs.</source>
      <translation>在 {samples} 个验证样本上实测：损失 {loss}，是 {count} 次运行中的第一次。</translation>
    </message>
    <message>
      <source>Measured on {samples} validation samples: loss {loss}.</source>
      <translation>在 {samples} 个验证样本上实测：损失 {loss}。</translation>
    </message>
    <message>
      <source>Measured on {samples} validation samples: loss {loss}; the first of {count} runs lost {first}.</source>
      <translation>在 {samples} 个验证样本上实测：损失 {loss}；{count} 次运行中的第一次损失 {first}。</translation>
    </message>
    <message>
      <source>Memory</source>
      <translation>内存</translation>
    </message>
    <message>
      <source>Multiplications with additions for one sample</source>
      <translation>单个样本的乘加次数</translation>
    </message>
    <message>
      <source>Not all limits can be kept: this is the nearest that there is.</source>
      <translation>无法满足所有上限：这是最接近的方案。</translation>
    </message>
    <message>
      <source>Peak of live activations for a batch of one</source>
      <translation>批大小为 1 时活动激活的峰值</translation>
    </message>
    <message>
      <source>Percentage points below the original</source>
      <translation>低于原始模型的百分点</translation>
    </message>
    <message>
      <source>Runs are measured on data, and this data cannot be used.</source>
      <translation>运行要在数据上测量，而这些数据无法使用。</translation>
    </message>
    <message>
      <source>Runs are measured on data. Open a data set first.</source>
      <translation>运行要在数据上测量。请先打开数据集。</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The least predicted loss within these limits; found in {time}.</source>
      <translation>在这些上限内预测损失最小；耗时 {time} 找到。</translation>
    </message>
    <message>
      <source>The recipe now</source>
      <translation>当前配方</translation>
    </message>
    <message>
      <source>This network cannot be run here.</source>
      <translation>此网络无法在这里运行。</translation>
    </message>
    <message>
      <source>Time of one run in ONNX Runtime on this machine</source>
      <translation>本机 ONNX Runtime 单次运行的时间</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>not known yet</source>
      <translation>尚未知</translation>
    </message>
    <message>
      <source>now {now}</source>
      <translation>当前 {now}</translation>
    </message>
    <message>
      <source>{low}…{high}</source>
      <translation>{low}…{high}</translation>
    </message>
  </context>
  <context>
    <name>FitDialog</name>
    <message>
      <source>&amp;Use the nearest</source>
      <translation>使用最接近的(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Use this recipe</source>
      <translation>使用此配方(&amp;U)</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Close, let it run</source>
      <translation>关闭，让它继续</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>曲线</translation>
    </message>
    <message>
      <source>Ending: {what}</source>
      <translation>正在结束：{what}</translation>
    </message>
    <message>
      <source>Estimate the costs now</source>
      <translation>立即估计代价</translation>
    </message>
    <message>
      <source>Fit to budget</source>
      <translation>按预算适配</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Mark one limit at least.</source>
      <translation>请至少勾选一个上限。</translation>
    </message>
    <message>
      <source>Measures what it really loses: the next fit learns from the difference</source>
      <translation>测量它实际损失多少：下一次适配会从差异中学习</translation>
    </message>
    <message>
      <source>Replaces the recipe; undo takes it back</source>
      <translation>替换配方；可以撤销</translation>
    </message>
    <message>
      <source>Runs</source>
      <translation>运行</translation>
    </message>
    <message>
      <source>Size against loss</source>
      <translation>大小与损失</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>The curve appears with the first answer.</source>
      <translation>得到第一个结果后显示曲线。</translation>
    </message>
    <message>
      <source>Use and &amp;run</source>
      <translation>使用并运行(&amp;R)</translation>
    </message>
    <message>
      <source>{what}
About {time} left.</source>
      <translation>{what}
大约还需 {time}。</translation>
    </message>
  </context>
  <context>
    <name>FitForm</name>
    <message>
      <source>&amp;Exactly: the least loss there is</source>
      <translation>精确求解(&amp;E)：损失最小</translation>
    </message>
    <message>
      <source>&amp;Step by step, each step explained</source>
      <translation>逐步进行(&amp;S)，每一步都有说明</translation>
    </message>
    <message>
      <source>Always the step that costs least for what it saves</source>
      <translation>始终选择节省量相对代价最低的一步</translation>
    </message>
    <message>
      <source>An integer program over all layers and settings</source>
      <translation>覆盖所有层和设置的整数规划</translation>
    </message>
    <message>
      <source>At most</source>
      <translation>上限</translation>
    </message>
    <message>
      <source>By means of</source>
      <translation>使用方法</translation>
    </message>
    <message>
      <source>Choose one method at least.</source>
      <translation>请至少选择一种方法。</translation>
    </message>
    <message>
      <source>Finished runs that correct the predictions: {count}</source>
      <translation>用于校正预测的已完成运行：{count}</translation>
    </message>
    <message>
      <source>How</source>
      <translation>方式</translation>
    </message>
    <message>
      <source>Keep settings of single layers ({count})</source>
      <translation>保留单个层的设置 ({count})</translation>
    </message>
    <message>
      <source>Learn from runs</source>
      <translation>从运行中学习</translation>
    </message>
    <message>
      <source>Locked layers that keep what they have: {count}</source>
      <translation>保持不变的已锁定层：{count}</translation>
    </message>
  </context>
  <context>
    <name>Fitting</name>
    <message>
      <source>Costs are being estimated: {stage}</source>
      <translation>正在估计代价：{stage}</translation>
    </message>
    <message>
      <source>For this, layers are timed in real files, once: {stage}</source>
      <translation>为此要在真实文件中给各层计时，仅此一次：{stage}</translation>
    </message>
    <message>
      <source>It is not known yet what settings cost.</source>
      <translation>设置的代价尚未知。</translation>
    </message>
    <message>
      <source>Looking for the best settings…</source>
      <translation>正在查找最佳设置…</translation>
    </message>
    <message>
      <source>What settings cost is learned from data. Open a data set first.</source>
      <translation>设置的代价要从数据中得知。请先打开数据集。</translation>
    </message>
  </context>
  <context>
    <name>Form</name>
    <message>
      <source>Back to what it was without this setting</source>
      <translation>恢复到没有此设置时的状态</translation>
    </message>
    <message>
      <source>Back to {value}</source>
      <translation>恢复为 {value}</translation>
    </message>
    <message>
      <source>More settings</source>
      <translation>更多设置</translation>
    </message>
    <message>
      <source>More settings ({count} changed)</source>
      <translation>更多设置（已更改 {count} 项）</translation>
    </message>
    <message>
      <source>No</source>
      <translation>否</translation>
    </message>
    <message>
      <source>Yes</source>
      <translation>是</translation>
    </message>
  </context>
  <context>
    <name>Frame</name>
    <message>
      <source>Drop a model here</source>
      <translation>将模型拖放到此处</translation>
    </message>
    <message>
      <source>Espalier shows where a network is heavy and where it is fragile, makes it smaller, and measures what that costs.</source>
      <translation>Espalier 显示网络何处庞大、何处脆弱，将其变小，并测量所付出的代价。</translation>
    </message>
    <message>
      <source>Models (.onnx, .pt2, .pt, .safetensors), data, recipes and projects</source>
      <translation>模型（.onnx、.pt2、.pt、.safetensors）、数据、配方和项目</translation>
    </message>
    <message>
      <source>Open the sample</source>
      <translation>打开示例</translation>
    </message>
    <message>
      <source>Open…</source>
      <translation>打开…</translation>
    </message>
  </context>
  <context>
    <name>GlobalStrip</name>
    <message>
      <source>All layers</source>
      <translation>所有层</translation>
    </message>
    <message>
      <source>As they are</source>
      <translation>保持不变</translation>
    </message>
    <message>
      <source>For all layers without their own</source>
      <translation>用于没有单独设置的所有层</translation>
    </message>
    <message>
      <source>Keeps {locked} locked</source>
      <translation>保留 {locked} 个已锁定的层</translation>
    </message>
    <message>
      <source>Keeps {own} with their own setting</source>
      <translation>保留 {own} 个有单独设置的层</translation>
    </message>
    <message>
      <source>Keeps {own} with their own setting and {locked} locked</source>
      <translation>保留 {own} 个有单独设置的层和 {locked} 个已锁定的层</translation>
    </message>
    <message>
      <source>Setting for all layers</source>
      <translation>所有层的设置</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>GraphColors</name>
    <message>
      <source>As it was</source>
      <translation>未改动</translation>
    </message>
    <message>
      <source>Bytes</source>
      <translation>字节数</translation>
    </message>
    <message>
      <source>Changed</source>
      <translation>已更改</translation>
    </message>
    <message>
      <source>Changed by the recipe</source>
      <translation>被配方更改</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Pruning ratio</source>
      <translation>剪枝比例</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Share of latency</source>
      <translation>延迟占比</translation>
    </message>
    <message>
      <source>The latency has not been measured yet.</source>
      <translation>尚未测量延迟。</translation>
    </message>
    <message>
      <source>The recipe leaves all weights float.</source>
      <translation>配方中所有权重保持浮点。</translation>
    </message>
    <message>
      <source>The recipe prunes no channels.</source>
      <translation>配方没有剪除任何通道。</translation>
    </message>
    <message>
      <source>The sensitivity is not known yet.</source>
      <translation>敏感度尚未知。</translation>
    </message>
    <message>
      <source>The shapes are not known, so the MACs are not.</source>
      <translation>形状未知，因此 MACs 也未知。</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>GraphPair</name>
    <message>
      <source>Attributes of operators</source>
      <translation>算子属性</translation>
    </message>
    <message>
      <source>Before</source>
      <translation>之前</translation>
    </message>
    <message>
      <source>Fit to height (9)</source>
      <translation>适合高度 (9)</translation>
    </message>
    <message>
      <source>From left to right</source>
      <translation>从左到右</translation>
    </message>
    <message>
      <source>Names of nodes</source>
      <translation>节点名称</translation>
    </message>
    <message>
      <source>Open a node’s properties with one click</source>
      <translation>单击打开节点属性</translation>
    </message>
    <message>
      <source>Simple graph</source>
      <translation>简单图</translation>
    </message>
    <message>
      <source>What the graph shows</source>
      <translation>图中显示的内容</translation>
    </message>
    <message>
      <source>Zoom in (+)</source>
      <translation>放大 (+)</translation>
    </message>
    <message>
      <source>Zoom out (−)</source>
      <translation>缩小 (−)</translation>
    </message>
  </context>
  <context>
    <name>GraphPanel</name>
    <message>
      <source>A large graph takes a while to arrange. The simple one is there sooner.</source>
      <translation>大型图需要较长时间布局。简单图可以更快显示。</translation>
    </message>
    <message>
      <source>Reading the graph…</source>
      <translation>正在读取图…</translation>
    </message>
    <message>
      <source>Starting the graph…</source>
      <translation>正在启动图…</translation>
    </message>
    <message>
      <source>The detailed graph cannot show this file, so the graph is a simple one ({reason}).</source>
      <translation>详细图无法显示此文件，因此显示简单图（{reason}）。</translation>
    </message>
    <message>
      <source>The file is large, so the graph is a simple one.</source>
      <translation>文件较大，因此显示简单图。</translation>
    </message>
    <message>
      <source>The file is no longer there, so the graph is a simple one.</source>
      <translation>文件已不存在，因此显示简单图。</translation>
    </message>
    <message>
      <source>This file does not name its layers: choose them in the simple graph.</source>
      <translation>此文件没有为层命名：请在简单图中选择。</translation>
    </message>
  </context>
  <context>
    <name>GraphView</name>
    <message>
      <source>&amp;Color:</source>
      <translation>着色(&amp;C)：</translation>
    </message>
    <message>
      <source>Color layers by</source>
      <translation>层的着色依据</translation>
    </message>
    <message>
      <source>Open a model to see its graph.</source>
      <translation>打开模型以查看其图。</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Show the file of the selected trial beside it</source>
      <translation>并排显示所选试验的文件</translation>
    </message>
  </context>
  <context>
    <name>HeatMap</name>
    <message>
      <source>All {count} values estimated</source>
      <translation>全部 {count} 个值均为估计</translation>
    </message>
    <message>
      <source>All {count} values measured</source>
      <translation>全部 {count} 个值均为实测</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>There is nothing to show for these layers.</source>
      <translation>这些层没有可显示的内容。</translation>
    </message>
    <message>
      <source>{measured} of {count} values measured, the others estimated</source>
      <translation>{count} 个值中 {measured} 个为实测，其余为估计</translation>
    </message>
    <message>
      <source>{row}, {column}: not known</source>
      <translation>{row}，{column}：未知</translation>
    </message>
    <message>
      <source>{row}, {column}: {quantity} {value}, measured</source>
      <translation>{row}，{column}：{quantity} {value}，实测</translation>
    </message>
    <message>
      <source>{row}, {column}: {quantity} ~{value}, estimated</source>
      <translation>{row}，{column}：{quantity} ~{value}，估计</translation>
    </message>
  </context>
  <context>
    <name>Help</name>
    <message>
      <source>Criteria</source>
      <translation>准则</translation>
    </message>
    <message>
      <source>Encodings</source>
      <translation>编码</translation>
    </message>
    <message>
      <source>Family</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Faster on a stock runtime</source>
      <translation>在常规运行时上更快</translation>
    </message>
    <message>
      <source>Fewer multiply-accumulates</source>
      <translation>更少的乘加运算</translation>
    </message>
    <message>
      <source>Gains</source>
      <translation>收益</translation>
    </message>
    <message>
      <source>Guide</source>
      <translation>指南</translation>
    </message>
    <message>
      <source>In recipes</source>
      <translation>配方中的名称</translation>
    </message>
    <message>
      <source>Less memory while running</source>
      <translation>运行时占用内存更少</translation>
    </message>
    <message>
      <source>Losses</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Needs</source>
      <translation>需要</translation>
    </message>
    <message>
      <source>Needs a format or kernel that understands it</source>
      <translation>需要能够识别它的格式或内核</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考文献</translation>
    </message>
    <message>
      <source>Rounding</source>
      <translation>取整</translation>
    </message>
    <message>
      <source>Schedules</source>
      <translation>调度</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>搜索</translation>
    </message>
    <message>
      <source>Smaller file</source>
      <translation>更小的文件</translation>
    </message>
    <message>
      <source>The network keeps its form: any runtime gains</source>
      <translation>网络形式不变：任何运行时都能受益</translation>
    </message>
    <message>
      <source>at least {low}</source>
      <translation>不小于 {low}</translation>
    </message>
    <message>
      <source>at most {high}</source>
      <translation>不大于 {high}</translation>
    </message>
    <message>
      <source>batch norm that is not folded</source>
      <translation>未折叠的批归一化</translation>
    </message>
    <message>
      <source>default {value}</source>
      <translation>默认 {value}</translation>
    </message>
    <message>
      <source>gradients of layer outputs</source>
      <translation>层输出的梯度</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>nothing but the weights</source>
      <translation>仅需权重</translation>
    </message>
    <message>
      <source>ranges of activations</source>
      <translation>激活的范围</translation>
    </message>
    <message>
      <source>samples to calibrate with</source>
      <translation>校准样本</translation>
    </message>
    <message>
      <source>statistics of layer inputs</source>
      <translation>层输入的统计量</translation>
    </message>
    <message>
      <source>the original network</source>
      <translation>原始网络</translation>
    </message>
    <message>
      <source>training samples</source>
      <translation>训练样本</translation>
    </message>
    <message>
      <source>{low} to {high}</source>
      <translation>{low} 到 {high}</translation>
    </message>
    <message>
      <source>{value} ({label})</source>
      <translation>{value}（{label}）</translation>
    </message>
  </context>
  <context>
    <name>HelpWindow</name>
    <message>
      <source>Help</source>
      <translation>帮助</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>页面</translation>
    </message>
    <message>
      <source>Pages</source>
      <translation>页面</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>搜索</translation>
    </message>
    <message>
      <source>Search the help</source>
      <translation>搜索帮助</translation>
    </message>
    <message>
      <source>The address was copied</source>
      <translation>地址已复制</translation>
    </message>
  </context>
  <context>
    <name>HistogramPlot</name>
    <message>
      <source>A sample of {count} values</source>
      <translation>{count} 个值的抽样</translation>
    </message>
    <message>
      <source>At {value}</source>
      <translation>位于 {value}</translation>
    </message>
    <message>
      <source>Channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channel {channel}: {count} of {total} values from {low} to {high}</source>
      <translation>通道 {channel}：{total} 个值中 {count} 个在 {low} 到 {high} 之间</translation>
    </message>
    <message>
      <source>Channel {number}</source>
      <translation>通道 {number}</translation>
    </message>
    <message>
      <source>Count</source>
      <translation>计数</translation>
    </message>
    <message>
      <source>From</source>
      <translation>从</translation>
    </message>
    <message>
      <source>Its grid of {count} values</source>
      <translation>其 {count} 个值的网格</translation>
    </message>
    <message>
      <source>Logarithmic counts</source>
      <translation>对数计数</translation>
    </message>
    <message>
      <source>Of</source>
      <translation>总数</translation>
    </message>
    <message>
      <source>Range of the quantization</source>
      <translation>量化范围</translation>
    </message>
    <message>
      <source>Share of values per bin</source>
      <translation>每个区间的值占比</translation>
    </message>
    <message>
      <source>To</source>
      <translation>到</translation>
    </message>
    <message>
      <source>Values per bin</source>
      <translation>每个区间的值数</translation>
    </message>
    <message>
      <source>{count} values</source>
      <translation>{count} 个值</translation>
    </message>
    <message>
      <source>{count} values ({share}) from {low} to {high}</source>
      <translation>{count} 个值（{share}）在 {low} 到 {high} 之间</translation>
    </message>
  </context>
  <context>
    <name>Inspector</name>
    <message>
      <source>Activations</source>
      <translation>激活</translation>
    </message>
    <message>
      <source>Channels</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channels of {count} layers go together. Select all of them.</source>
      <translation>{count} 个层的通道一起移除。选择全部这些层。</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>详细信息</translation>
    </message>
    <message>
      <source>Lock this layer: the solver and the slider then leave it alone.</source>
      <translation>锁定此层：求解器和滑块将不再改动它。</translation>
    </message>
    <message>
      <source>Locked: the solver and the slider leave this layer alone. Unlock it.</source>
      <translation>已锁定：求解器和滑块不会改动此层。点击解锁。</translation>
    </message>
    <message>
      <source>No layer is selected</source>
      <translation>未选择层</translation>
    </message>
    <message>
      <source>Nothing to inspect</source>
      <translation>没有可检查的内容</translation>
    </message>
    <message>
      <source>Open a network; its layers can then be looked at here.</source>
      <translation>打开网络后，可在此查看其各层。</translation>
    </message>
    <message>
      <source>Quantization</source>
      <translation>量化</translation>
    </message>
    <message>
      <source>Select a layer in the table, in the graph or in the sensitivity map.</source>
      <translation>请在表格、图或敏感度图中选择一个层。</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Spectrum</source>
      <translation>谱</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>{about} · and {count} more selected</source>
      <translation>{about} · 另选 {count} 个</translation>
    </message>
    <message>
      <source>{kind} · {shape} · {parameters} parameters · {size}</source>
      <translation>{kind} · {shape} · {parameters} 个参数 · {size}</translation>
    </message>
  </context>
  <context>
    <name>JobsView</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Clear ended jobs</source>
      <translation>清除已结束的作业</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Job</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Left</source>
      <translation>剩余</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>暂停</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Select a job to see what it says.</source>
      <translation>选择一个作业以查看其消息。</translation>
    </message>
    <message>
      <source>State</source>
      <translation>状态</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>停止并保留最佳</translation>
    </message>
    <message>
      <source>What the job says</source>
      <translation>作业的消息</translation>
    </message>
    <message>
      <source>crashed</source>
      <translation>已崩溃</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>失败</translation>
    </message>
    <message>
      <source>finished</source>
      <translation>已完成</translation>
    </message>
    <message>
      <source>paused</source>
      <translation>已暂停</translation>
    </message>
    <message>
      <source>running</source>
      <translation>运行中</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>已停止</translation>
    </message>
    <message>
      <source>stopping</source>
      <translation>正在停止</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>等待中</translation>
    </message>
  </context>
  <context>
    <name>Language</name>
    <message>
      <source>en</source>
      <translation>zh_CN</translation>
    </message>
  </context>
  <context>
    <name>LayerMenu</name>
    <message>
      <source>Apply to similar</source>
      <translation>应用到相似层</translation>
    </message>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
    <message>
      <source>Leave out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>锁定</translation>
    </message>
    <message>
      <source>Reset to the step's setting</source>
      <translation>重置为步骤的设置</translation>
    </message>
    <message>
      <source>Save as CSV…</source>
      <translation>另存为 CSV…</translation>
    </message>
    <message>
      <source>Select similar</source>
      <translation>选择相似层</translation>
    </message>
    <message>
      <source>Select the channel group</source>
      <translation>选择通道组</translation>
    </message>
    <message>
      <source>Set for selection…</source>
      <translation>为所选层设置…</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>解锁</translation>
    </message>
  </context>
  <context>
    <name>LayerRows</name>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
  </context>
  <context>
    <name>LayerTable</name>
    <message>
      <source>Drop a model file on the window, or open one.</source>
      <translation>将模型文件拖放到窗口上，或打开一个模型。</translation>
    </message>
    <message>
      <source>No layer passes the filter</source>
      <translation>没有层符合筛选条件</translation>
    </message>
    <message>
      <source>No model is open</source>
      <translation>未打开模型</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Reset columns</source>
      <translation>重置列</translation>
    </message>
    <message>
      <source>Save as CSV</source>
      <translation>另存为 CSV</translation>
    </message>
    <message>
      <source>The model has no layers with weights</source>
      <translation>模型中没有带权重的层</translation>
    </message>
    <message>
      <source>{path} cannot be written: {why}.</source>
      <translation>无法写入 {path}：{why}。</translation>
    </message>
  </context>
  <context>
    <name>Layers</name>
    <message>
      <source>A bits</source>
      <translation>激活位</translation>
    </message>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Batch norm</source>
      <translation>批归一化</translation>
    </message>
    <message>
      <source>Bits of each value that flows in</source>
      <translation>流入的每个值的位数</translation>
    </message>
    <message>
      <source>Bits of each weight</source>
      <translation>每个权重的位数</translation>
    </message>
    <message>
      <source>Bytes in the file: gray as it came, hatched as the recipe would leave it</source>
      <translation>文件中的字节数：灰色为原始大小，阴影线为配方执行后的大小</translation>
    </message>
    <message>
      <source>Channels that are removed together:</source>
      <translation>须一起移除的通道：</translation>
    </message>
    <message>
      <source>Conv 1-D</source>
      <translation>一维卷积</translation>
    </message>
    <message>
      <source>Conv 2-D</source>
      <translation>二维卷积</translation>
    </message>
    <message>
      <source>Conv 3-D</source>
      <translation>三维卷积</translation>
    </message>
    <message>
      <source>Deconv 1-D</source>
      <translation>一维转置卷积</translation>
    </message>
    <message>
      <source>Deconv 2-D</source>
      <translation>二维转置卷积</translation>
    </message>
    <message>
      <source>Deconv 3-D</source>
      <translation>三维转置卷积</translation>
    </message>
    <message>
      <source>Embedding</source>
      <translation>嵌入</translation>
    </message>
    <message>
      <source>From step {step} ({title}).</source>
      <translation>来自步骤 {step}（{title}）。</translation>
    </message>
    <message>
      <source>GRU</source>
      <translation>GRU</translation>
    </message>
    <message>
      <source>Group</source>
      <translation>组</translation>
    </message>
    <message>
      <source>Group norm</source>
      <translation>组归一化</translation>
    </message>
    <message>
      <source>How many layers must lose the same channels together with this one</source>
      <translation>必须与此层一起移除相同通道的层数</translation>
    </message>
    <message>
      <source>How many weights and biases it has</source>
      <translation>权重和偏置的数量</translation>
    </message>
    <message>
      <source>How the predicted loss grows as the layer is compressed (log scale)</source>
      <translation>预测损失随此层压缩程度的增长（对数刻度）</translation>
    </message>
    <message>
      <source>How the weights are distributed</source>
      <translation>权重的分布</translation>
    </message>
    <message>
      <source>In the file: {name}</source>
      <translation>文件中的名称：{name}</translation>
    </message>
    <message>
      <source>Instance norm</source>
      <translation>实例归一化</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>LSTM</source>
      <translation>LSTM</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Layer norm</source>
      <translation>层归一化</translation>
    </message>
    <message>
      <source>Left out by rule {rule} of step {step} ({title}).</source>
      <translation>被步骤 {step}（{title}）的规则 {rule} 排除。</translation>
    </message>
    <message>
      <source>Linear</source>
      <translation>线性</translation>
    </message>
    <message>
      <source>Locked (L): fit to budget and the slider for all layers leave it as you set it.</source>
      <translation>已锁定 (L)：按预算适配和全部层滑块都保持您的设置。</translation>
    </message>
    <message>
      <source>Locked: only you change its settings.</source>
      <translation>已锁定：只有您能更改其设置。</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Low rank: share of the layer's bytes that the factors may take</source>
      <translation>低秩：分解因子可占此层字节数的比例</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Multiply-accumulates for one sample: gray as it came, hatched as the recipe would leave them</source>
      <translation>一个样本的乘加运算次数：灰色为原始值，阴影线为配方执行后的值</translation>
    </message>
    <message>
      <source>Name of the layer, as in the graph and in recipes</source>
      <translation>层的名称，与图和配方中相同</translation>
    </message>
    <message>
      <source>No step of the recipe knows this layer.</source>
      <translation>配方中没有适用于此层的步骤。</translation>
    </message>
    <message>
      <source>Not known until the network is read</source>
      <translation>读取网络后才能得知</translation>
    </message>
    <message>
      <source>Not known yet</source>
      <translation>尚未知</translation>
    </message>
    <message>
      <source>Not measured yet</source>
      <translation>尚未测量</translation>
    </message>
    <message>
      <source>Nothing is done. Drag, type, or press Enter to set it.</source>
      <translation>未作任何处理。拖动、输入或按 Enter 进行设置。</translation>
    </message>
    <message>
      <source>PReLU</source>
      <translation>PReLU</translation>
    </message>
    <message>
      <source>Parameter</source>
      <translation>参数</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Predicted loss of the layer's settings, in nats</source>
      <translation>该层设置的预测损失，单位为奈特 (nat)</translation>
    </message>
    <message>
      <source>Prune</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>RMS norm</source>
      <translation>RMS 归一化</translation>
    </message>
    <message>
      <source>RNN</source>
      <translation>RNN</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank (share of bytes)</source>
      <translation>秩（字节占比）</translation>
    </message>
    <message>
      <source>Rule {rule} of step {step} ({title}) says so.</source>
      <translation>由步骤 {step}（{title}）的规则 {rule} 规定。</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Shape</source>
      <translation>形状</translation>
    </message>
    <message>
      <source>Shape of the weights: outputs × inputs × kernel</source>
      <translation>权重的形状：输出 × 输入 × 卷积核</translation>
    </message>
    <message>
      <source>Share of the original's measured time; empty until it is measured</source>
      <translation>占原始模型实测时间的比例；测量前为空</translation>
    </message>
    <message>
      <source>Share that is pruned away</source>
      <translation>被剪除的比例</translation>
    </message>
    <message>
      <source>Shares its weights with {name}.</source>
      <translation>与 {name} 共享权重。</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>W bits</source>
      <translation>权重位</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weights from {low} to {high}</source>
      <translation>权重从 {low} 到 {high}</translation>
    </message>
    <message>
      <source>Weights from {low} to {high}, from a sample</source>
      <translation>权重从 {low} 到 {high}，由抽样得出</translation>
    </message>
    <message>
      <source>What the layer computes</source>
      <translation>此层的计算类型</translation>
    </message>
    <message>
      <source>{before} for one sample</source>
      <translation>一个样本 {before}</translation>
    </message>
    <message>
      <source>{before} for one sample; ~{after} after the recipe (predicted)</source>
      <translation>一个样本 {before}；配方执行后 ~{after}（预测）</translation>
    </message>
    <message>
      <source>{before} in the file</source>
      <translation>文件中 {before}</translation>
    </message>
    <message>
      <source>{before} in the file; ~{after} after the recipe (predicted)</source>
      <translation>文件中 {before}；配方执行后 ~{after}（预测）</translation>
    </message>
    <message>
      <source>{count} of its weights are NaN or infinite.</source>
      <translation>其中 {count} 个权重为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{setting}: {loss}, measured</source>
      <translation>{setting}：{loss}，实测</translation>
    </message>
    <message>
      <source>{setting}: ~{loss}, estimated</source>
      <translation>{setting}：~{loss}，估计</translation>
    </message>
    <message>
      <source>{time} of the original's run, measured</source>
      <translation>占原始模型运行时间的 {time}，实测</translation>
    </message>
  </context>
  <context>
    <name>LayersTable</name>
    <message>
      <source>Bytes left</source>
      <translation>剩余字节</translation>
    </message>
    <message>
      <source>Bytes, {name}</source>
      <translation>字节数，{name}</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Layers of both</source>
      <translation>两者的层</translation>
    </message>
    <message>
      <source>MACs left</source>
      <translation>剩余 MACs</translation>
    </message>
    <message>
      <source>Reading the trial…</source>
      <translation>正在读取试验…</translation>
    </message>
    <message>
      <source>folded into another</source>
      <translation>已折叠</translation>
    </message>
  </context>
  <context>
    <name>LearnForm</name>
    <message>
      <source>&amp;Improve by runs</source>
      <translation>通过运行改进(&amp;I)</translation>
    </message>
    <message>
      <source>About {time} a run, {whole} in all.</source>
      <translation>每次运行约 {time}，共约 {whole}。</translation>
    </message>
    <message>
      <source>Each run applies the recipe, measures its loss on validation data, and corrects the predictions layer by layer; the next one tries what is better by then. The best that was measured is taken.</source>
      <translation>每次运行都应用配方，在验证数据上测量其损失，并逐层校正预测；下一次尝试届时看来更好的配方。最后采用实测最好的配方。</translation>
    </message>
    <message>
      <source>How many recipes are tried, one after another</source>
      <translation>依次尝试多少个配方</translation>
    </message>
    <message>
      <source>Recipes are tried and measured on validation data.</source>
      <translation>尝试配方，并在验证数据上测量。</translation>
    </message>
    <message>
      <source>Runs</source>
      <translation>运行</translation>
    </message>
    <message>
      <source>runs</source>
      <translation>次</translation>
    </message>
  </context>
  <context>
    <name>LineEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>ListEditor</name>
    <message>
      <source>Add to {field}</source>
      <translation>添加到{field}</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>添加…</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>Lists</name>
    <message>
      <source>, </source>
      <translation>、</translation>
    </message>
  </context>
  <context>
    <name>LivePlot</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Best so far</source>
      <translation>目前最佳</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>曲线</translation>
    </message>
    <message>
      <source>Logarithmic loss</source>
      <translation>对数损失</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>没有正在运行的训练。</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步</translation>
    </message>
    <message>
      <source>Step {step}</source>
      <translation>第 {step} 步</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>值</translation>
    </message>
  </context>
  <context>
    <name>LookTab</name>
    <message>
      <source>Loading…</source>
      <translation>正在载入…</translation>
    </message>
    <message>
      <source>Pictures come right after.</source>
      <translation>图像随后显示。</translation>
    </message>
    <message>
      <source>The network is being read</source>
      <translation>正在读取网络</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>重试</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>Budget</source>
      <translation>预算</translation>
    </message>
    <message>
      <source>Data cannot be used</source>
      <translation>数据无法使用</translation>
    </message>
    <message>
      <source>Fit again…</source>
      <translation>再次适配…</translation>
    </message>
    <message>
      <source>Looking at {name}…</source>
      <translation>正在查看 {name}…</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>没有数据</translation>
    </message>
    <message>
      <source>Nothing was opened yet</source>
      <translation>尚未打开过任何内容</translation>
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation>打开最近使用(&amp;R)</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>显示</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>工具</translation>
    </message>
    <message>
      <source>Without data accuracy means agreement with the original on noise.</source>
      <translation>没有数据时，准确率指在噪声上与原始模型的一致率。</translation>
    </message>
  </context>
  <context>
    <name>MeasureBar</name>
    <message>
      <source>&amp;Measure all</source>
      <translation>全部测量(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Measure {count} min</source>
      <translation>测量 {count} 分钟(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Measure {count} s</source>
      <translation>测量 {count} 秒(&amp;M)</translation>
    </message>
    <message>
      <source>Ending…</source>
      <translation>正在结束…</translation>
    </message>
    <message>
      <source>For {count} minutes</source>
      <translation>{count} 分钟</translation>
    </message>
    <message>
      <source>For {count} seconds</source>
      <translation>{count} 秒</translation>
    </message>
    <message>
      <source>Measuring needs data. Open a data set first.</source>
      <translation>测量需要数据。请先打开数据集。</translation>
    </message>
    <message>
      <source>Only the selected layers</source>
      <translation>仅选中的层</translation>
    </message>
    <message>
      <source>Progress of measuring</source>
      <translation>测量进度</translation>
    </message>
    <message>
      <source>Replaces estimates by measurements, the least certain ones first</source>
      <translation>以实测替换估计，最不确定的优先</translation>
    </message>
    <message>
      <source>Stop measuring and keep what is there</source>
      <translation>停止测量并保留已有结果</translation>
    </message>
    <message>
      <source>Until every entry is certain</source>
      <translation>直到每一项都足够确定</translation>
    </message>
    <message>
      <source>Waiting for the engine</source>
      <translation>正在等待引擎</translation>
    </message>
    <message>
      <source>What is left, at the pace so far</source>
      <translation>按目前速度的剩余时间</translation>
    </message>
  </context>
  <context>
    <name>MethodPicker</name>
    <message>
      <source>Choose a method</source>
      <translation>选择方法</translation>
    </message>
    <message>
      <source>Find a method</source>
      <translation>查找方法</translation>
    </message>
    <message>
      <source>Methods</source>
      <translation>方法</translation>
    </message>
  </context>
  <context>
    <name>NativeView</name>
    <message>
      <source>Graph of the network</source>
      <translation>网络图</translation>
    </message>
  </context>
  <context>
    <name>NetronView</name>
    <message>
      <source>The page of the graph could not be loaded.</source>
      <translation>无法载入图的页面。</translation>
    </message>
    <message>
      <source>The process that draws the graph ended.</source>
      <translation>绘制图的进程已结束。</translation>
    </message>
  </context>
  <context>
    <name>NoticeBar</name>
    <message>
      <source>Dismiss</source>
      <translation>忽略</translation>
    </message>
  </context>
  <context>
    <name>Number</name>
    <message>
      <source>Must be a multiple of {limit}</source>
      <translation>必须是 {limit} 的倍数</translation>
    </message>
    <message>
      <source>Must be a number</source>
      <translation>必须是数字</translation>
    </message>
    <message>
      <source>Must be a whole number</source>
      <translation>必须是整数</translation>
    </message>
    <message>
      <source>Must be above {limit}</source>
      <translation>必须大于 {limit}</translation>
    </message>
    <message>
      <source>Must be at least {limit}</source>
      <translation>必须不小于 {limit}</translation>
    </message>
    <message>
      <source>Must be at most {limit}</source>
      <translation>必须不大于 {limit}</translation>
    </message>
    <message>
      <source>Must be below {limit}</source>
      <translation>必须小于 {limit}</translation>
    </message>
  </context>
  <context>
    <name>Numbers</name>
    <message>
      <source>Fitted</source>
      <translation>适配后</translation>
    </message>
    <message>
      <source>Now</source>
      <translation>当前</translation>
    </message>
    <message>
      <source>On {count} validation samples</source>
      <translation>在 {count} 个验证样本上</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>{value} measured</source>
      <translation>实测 {value}</translation>
    </message>
  </context>
  <context>
    <name>NumbersEditor</name>
    <message>
      <source>Must be at most {count} numbers</source>
      <translation>最多 {count} 个数字</translation>
    </message>
  </context>
  <context>
    <name>NumbersTable</name>
    <message>
      <source>Change</source>
      <translation>变化</translation>
    </message>
    <message>
      <source>Measured numbers of both</source>
      <translation>两者的实测指标</translation>
    </message>
  </context>
  <context>
    <name>Panels</name>
    <message>
      <source>Compare</source>
      <translation>比较</translation>
    </message>
    <message>
      <source>Graph</source>
      <translation>图</translation>
    </message>
    <message>
      <source>Inspector</source>
      <translation>检查器</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Training</source>
      <translation>训练</translation>
    </message>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
  </context>
  <context>
    <name>ParetoPlot</name>
    <message>
      <source>Accuracy lost</source>
      <translation>准确率损失</translation>
    </message>
    <message>
      <source>Can be had (predicted)</source>
      <translation>可达到（预测）</translation>
    </message>
    <message>
      <source>From</source>
      <translation>自</translation>
    </message>
    <message>
      <source>Loss (KL, nats)</source>
      <translation>损失 (KL，奈特)</translation>
    </message>
    <message>
      <source>Nothing to show yet.</source>
      <translation>尚无可显示的内容。</translation>
    </message>
    <message>
      <source>Predicted loss</source>
      <translation>预测损失</translation>
    </message>
    <message>
      <source>Runs, measured</source>
      <translation>运行，实测</translation>
    </message>
    <message>
      <source>Size of the file</source>
      <translation>文件大小</translation>
    </message>
    <message>
      <source>Size, bytes</source>
      <translation>大小，字节</translation>
    </message>
    <message>
      <source>The recipe now (predicted)</source>
      <translation>当前配方（预测）</translation>
    </message>
    <message>
      <source>To</source>
      <translation>至</translation>
    </message>
    <message>
      <source>{name}: {size}, loss {loss}, measured</source>
      <translation>{name}：{size}，损失 {loss}，实测</translation>
    </message>
    <message>
      <source>{name}: ~{size}, loss ~{loss}, predicted</source>
      <translation>{name}：~{size}，损失 ~{loss}，预测</translation>
    </message>
    <message>
      <source>~{size}: loss ~{loss}</source>
      <translation>~{size}：损失 ~{loss}</translation>
    </message>
    <message>
      <source>~{size}: loss ~{loss} (from {low} to {high})</source>
      <translation>~{size}：损失 ~{loss}（{low} 至 {high}）</translation>
    </message>
    <message>
      <source>~{size}: loss ~{loss} (from {low} to {high}), accuracy ~{points}</source>
      <translation>~{size}：损失 ~{loss}（{low} 至 {high}），准确率 ~{points}</translation>
    </message>
  </context>
  <context>
    <name>Picture</name>
    <message>
      <source>Copy as picture</source>
      <translation>复制为图片</translation>
    </message>
    <message>
      <source>Copy values</source>
      <translation>复制数值</translation>
    </message>
    <message>
      <source>Nothing to show yet.</source>
      <translation>暂无可显示的内容。</translation>
    </message>
    <message>
      <source>PNG picture (*.png)</source>
      <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
      <source>SVG drawing (*.svg)</source>
      <translation>SVG 图形 (*.svg)</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>保存</translation>
    </message>
    <message>
      <source>Save as CSV…</source>
      <translation>另存为 CSV…</translation>
    </message>
    <message>
      <source>Save as PNG…</source>
      <translation>另存为 PNG…</translation>
    </message>
    <message>
      <source>Save as SVG…</source>
      <translation>另存为 SVG…</translation>
    </message>
    <message>
      <source>Saved as {file}.</source>
      <translation>已保存为 {file}。</translation>
    </message>
    <message>
      <source>Table (*.csv)</source>
      <translation>表格 (*.csv)</translation>
    </message>
    <message>
      <source>The picture is on the clipboard.</source>
      <translation>图片已复制到剪贴板。</translation>
    </message>
    <message>
      <source>The values are on the clipboard.</source>
      <translation>数值已复制到剪贴板。</translation>
    </message>
    <message>
      <source>{file} could not be written. Choose another folder.</source>
      <translation>无法写入 {file}。请选择其他文件夹。</translation>
    </message>
  </context>
  <context>
    <name>Plot</name>
    <message>
      <source>Show everything</source>
      <translation>显示全部</translation>
    </message>
  </context>
  <context>
    <name>PreferencesDialog</name>
    <message>
      <source>Accuracy and latency are always measured on the processor.</source>
      <translation>准确率和延迟始终在处理器上测量。</translation>
    </message>
    <message>
      <source>All cores but one</source>
      <translation>除一个以外的所有核心</translation>
    </message>
    <message>
      <source>Apple graphics (MPS)</source>
      <translation>Apple 图形处理器 (MPS)</translation>
    </message>
    <message>
      <source>As the system</source>
      <translation>跟随系统</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Colors</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>深色</translation>
    </message>
    <message>
      <source>Evaluation samples while tuning; a final trial takes all.</source>
      <translation>调整期间使用的评估样本数；最终试验使用全部样本。</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Language and threads change when Espalier is started again.</source>
      <translation>语言和线程数将在重新启动 Espalier 后生效。</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>浅色</translation>
    </message>
    <message>
      <source>NVIDIA graphics card (CUDA)</source>
      <translation>NVIDIA 显卡 (CUDA)</translation>
    </message>
    <message>
      <source>OK</source>
      <translation>确定</translation>
    </message>
    <message>
      <source>Preferences</source>
      <translation>首选项</translation>
    </message>
    <message>
      <source>Processor (CPU)</source>
      <translation>处理器 (CPU)</translation>
    </message>
    <message>
      <source>Quick samples</source>
      <translation>快速测量样本数</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>线程数</translation>
    </message>
    <message>
      <source>Train on</source>
      <translation>训练设备</translation>
    </message>
    <message>
      <source>What the engine computes with. One core is left for the window.</source>
      <translation>引擎用于计算的线程数。其中留出一个核心供窗口使用。</translation>
    </message>
  </context>
  <context>
    <name>PreprocessingForm</name>
    <message>
      <source>0 … 1 (pixels × 1/255)</source>
      <translation>0 … 1（像素 × 1/255）</translation>
    </message>
    <message>
      <source>As it is</source>
      <translation>保持原样</translation>
    </message>
    <message>
      <source>As stored</source>
      <translation>按存储方式</translation>
    </message>
    <message>
      <source>Choose a preset…</source>
      <translation>选择预设…</translation>
    </message>
    <message>
      <source>Class names</source>
      <translation>类别名称</translation>
    </message>
    <message>
      <source>Classification</source>
      <translation>分类</translation>
    </message>
    <message>
      <source>Colors</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Detection</source>
      <translation>检测</translation>
    </message>
    <message>
      <source>Deviation</source>
      <translation>标准差</translation>
    </message>
    <message>
      <source>Gray</source>
      <translation>灰度</translation>
    </message>
    <message>
      <source>Height</source>
      <translation>高度</translation>
    </message>
    <message>
      <source>ImageNet mean and deviation</source>
      <translation>ImageNet 均值和标准差</translation>
    </message>
    <message>
      <source>Lanczos</source>
      <translation>Lanczos</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Longest text</source>
      <translation>文本最大长度</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>均值</translation>
    </message>
    <message>
      <source>Network's axes</source>
      <translation>网络的轴</translation>
    </message>
    <message>
      <source>Not said</source>
      <translation>未指定</translation>
    </message>
    <message>
      <source>One class name in each line</source>
      <translation>每行一个类别名称</translation>
    </message>
    <message>
      <source>Order of the axes: N batch, C channels, H height, W width, L length</source>
      <translation>轴的顺序：N 批次，C 通道，H 高度，W 宽度，L 长度</translation>
    </message>
    <message>
      <source>Other</source>
      <translation>其他</translation>
    </message>
    <message>
      <source>Padding token</source>
      <translation>填充标记</translation>
    </message>
    <message>
      <source>Preprocessing</source>
      <translation>预处理</translation>
    </message>
    <message>
      <source>Preset</source>
      <translation>预设</translation>
    </message>
    <message>
      <source>Regression</source>
      <translation>回归</translation>
    </message>
    <message>
      <source>Resize</source>
      <translation>调整尺寸</translation>
    </message>
    <message>
      <source>Samples' axes</source>
      <translation>样本的轴</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>缩放</translation>
    </message>
    <message>
      <source>Scale, then crop to</source>
      <translation>缩放后裁剪为</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>分割</translation>
    </message>
    <message>
      <source>Several labels</source>
      <translation>多标签</translation>
    </message>
    <message>
      <source>Shorter side</source>
      <translation>短边</translation>
    </message>
    <message>
      <source>Stretch to</source>
      <translation>拉伸为</translation>
    </message>
    <message>
      <source>Task</source>
      <translation>任务</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>宽度</translation>
    </message>
    <message>
      <source>bicubic</source>
      <translation>双三次</translation>
    </message>
    <message>
      <source>bilinear</source>
      <translation>双线性</translation>
    </message>
    <message>
      <source>nearest</source>
      <translation>最近邻</translation>
    </message>
    <message>
      <source>shorter side </source>
      <translation>短边 </translation>
    </message>
    <message>
      <source>−1 … 1</source>
      <translation>−1 … 1</translation>
    </message>
  </context>
  <context>
    <name>Preset</name>
    <message>
      <source>A fifth of the channels go, and the layers that read them are solved anew from a few hundred samples. Nothing is trained.</source>
      <translation>移除五分之一的通道，并用几百个样本重新求解读取它们的层。无需训练。</translation>
    </message>
    <message>
      <source>A quarter of the size where there are no samples at all: nothing has to be measured. Not faster, since activations stay as they are.</source>
      <translation>完全没有样本时也能缩小到四分之一：无需任何测量。由于激活保持不变，速度不会提高。</translation>
    </message>
    <message>
      <source>A quarter of the size, and faster on most processors, in a minute and mostly without a loss that one would notice. The place to begin.</source>
      <translation>大小为原来的四分之一，在大多数处理器上更快；只需一分钟，通常没有可察觉的损失。适合作为起点。</translation>
    </message>
    <message>
      <source>Eight bits</source>
      <translation>8 位</translation>
    </message>
    <message>
      <source>Eight-bit weights without data</source>
      <translation>无数据的 8 位权重</translation>
    </message>
    <message>
      <source>Every layer becomes two thin ones. Best for networks of large dense layers and wide convolutions, whose weights repeat themselves.</source>
      <translation>每个层变为两个薄层。最适合权重多有重复、具有大型全连接层和宽卷积的网络。</translation>
    </message>
    <message>
      <source>Fewer channels without training</source>
      <translation>不经训练减少通道</translation>
    </message>
    <message>
      <source>Fewer channels, trained by the original, then weights of 4 bits whose rounding is learned. Takes its time.</source>
      <translation>减少通道，由原始模型教学训练，再将权重量化为 4 位并学习取整方式。耗时较长。</translation>
    </message>
    <message>
      <source>For networks that spend their time reading weights, such as language models with a batch of one: an eighth of the bytes to read, activations as they are.</source>
      <translation>适用于时间主要花在读取权重上的网络，例如批次为 1 的语言模型：读取的字节数降为八分之一，激活保持不变。</translation>
    </message>
    <message>
      <source>Four bits, trained</source>
      <translation>4 位，经训练</translation>
    </message>
    <message>
      <source>Four-bit weights</source>
      <translation>4 位权重</translation>
    </message>
    <message>
      <source>Half of the multiplications really go, so that any runtime gets faster; the original teaches what is left. Needs training data, labels or not.</source>
      <translation>真正去掉一半的乘法，因此任何运行时都会变快；由原始模型教学剩余部分。需要训练数据，有无标签均可。</translation>
    </message>
    <message>
      <source>Half of the size with hardly any loss at all, and no data needed. Not faster on most processors.</source>
      <translation>大小减半，几乎没有损失，也不需要数据。在大多数处理器上不会变快。</translation>
    </message>
    <message>
      <source>Half of the weights become zero in the pattern that NVIDIA's sparse tensor cores skip. On other runtimes the zeros save nothing.</source>
      <translation>按 NVIDIA 稀疏张量核心可跳过的模式将一半权重置零。在其他运行时上，这些零不会带来节省。</translation>
    </message>
    <message>
      <source>Half precision</source>
      <translation>半精度</translation>
    </message>
    <message>
      <source>Half the work, eight bits</source>
      <translation>一半计算量，8 位</translation>
    </message>
    <message>
      <source>Smallest file</source>
      <translation>最小文件</translation>
    </message>
    <message>
      <source>Thin layers</source>
      <translation>薄层</translation>
    </message>
    <message>
      <source>Two of four</source>
      <translation>四取二</translation>
    </message>
    <message>
      <source>Weights and activations of 4 bits hold only if the network is trained while it is rounded. For accelerators that compute with 4 bits.</source>
      <translation>只有在取整的同时训练网络，4 位的权重和激活才能保持准确率。适用于以 4 位计算的加速器。</translation>
    </message>
  </context>
  <context>
    <name>Questions</name>
    <message>
      <source>A run has not ended: opening something else would drop its result.</source>
      <translation>有一次运行尚未结束：打开其他内容将放弃其结果。</translation>
    </message>
    <message>
      <source>Drop the run and open</source>
      <translation>放弃运行并打开</translation>
    </message>
    <message>
      <source>Stay</source>
      <translation>留下</translation>
    </message>
    <message>
      <source>Where is {name} now?</source>
      <translation>{name} 现在位于何处？</translation>
    </message>
  </context>
  <context>
    <name>RangeEditor</name>
    <message>
      <source>Must be two numbers, the smaller one first</source>
      <translation>必须是两个数字，较小的在前</translation>
    </message>
  </context>
  <context>
    <name>Ranking</name>
    <message>
      <source>By the loss at {setting}</source>
      <translation>按{setting}时的损失</translation>
    </message>
    <message>
      <source>Cheapest bytes</source>
      <translation>代价最低的字节</translation>
    </message>
    <message>
      <source>Cheapest bytes next</source>
      <translation>接下来代价最低的字节</translation>
    </message>
    <message>
      <source>High</source>
      <translation>高</translation>
    </message>
    <message>
      <source>Hurt most</source>
      <translation>受损最大</translation>
    </message>
    <message>
      <source>Layers that are hurt most</source>
      <translation>受损最大的层</translation>
    </message>
    <message>
      <source>Losses from {low} to {high}; click to select these layers</source>
      <translation>损失从 {low} 到 {high}；点击选择这些层</translation>
    </message>
    <message>
      <source>Low</source>
      <translation>低</translation>
    </message>
    <message>
      <source>Medium</source>
      <translation>中</translation>
    </message>
    <message>
      <source>Top 5 %</source>
      <translation>前 5 %</translation>
    </message>
    <message>
      <source>{layer} · {setting}</source>
      <translation>{layer} · {setting}</translation>
    </message>
    <message>
      <source>{layer}, {setting}: saves {bytes} more for a loss of {loss} more</source>
      <translation>{layer}，{setting}：再节省 {bytes}，损失增加 {loss}</translation>
    </message>
    <message>
      <source>−{bytes} for {loss}</source>
      <translation>−{bytes}，代价 {loss}</translation>
    </message>
  </context>
  <context>
    <name>RatioEditor</name>
    <message>
      <source>Several</source>
      <translation>多个</translation>
    </message>
  </context>
  <context>
    <name>Recipe</name>
    <message>
      <source>Compact blocks</source>
      <translation>紧凑模块</translation>
    </message>
    <message>
      <source>Distillation</source>
      <translation>蒸馏</translation>
    </message>
    <message>
      <source>Low rank</source>
      <translation>低秩</translation>
    </message>
    <message>
      <source>Needs {things}.</source>
      <translation>需要{things}。</translation>
    </message>
    <message>
      <source>Parameter sharing</source>
      <translation>参数共享</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Quantization</source>
      <translation>量化</translation>
    </message>
    <message>
      <source>Recovery</source>
      <translation>恢复</translation>
    </message>
    <message>
      <source>any runtime</source>
      <translation>任何运行时</translation>
    </message>
    <message>
      <source>batch norms</source>
      <translation>批归一化</translation>
    </message>
    <message>
      <source>calibration data</source>
      <translation>校准数据</translation>
    </message>
    <message>
      <source>faster</source>
      <translation>更快</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>left out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>less memory</source>
      <translation>更少内存</translation>
    </message>
    <message>
      <source>less work</source>
      <translation>更少计算</translation>
    </message>
    <message>
      <source>smaller</source>
      <translation>更小</translation>
    </message>
    <message>
      <source>special runtime</source>
      <translation>专用运行时</translation>
    </message>
    <message>
      <source>taken in</source>
      <translation>纳入</translation>
    </message>
    <message>
      <source>training data</source>
      <translation>训练数据</translation>
    </message>
    <message>
      <source>{field}: {value}</source>
      <translation>{field}：{value}</translation>
    </message>
    <message>
      <source>{first} and {count} more</source>
      <translation>{first} 以及另外 {count} 个</translation>
    </message>
    <message>
      <source>{problem}. {hint}</source>
      <translation>{problem}。{hint}</translation>
    </message>
  </context>
  <context>
    <name>RecipeEdit</name>
    <message>
      <source>Add {step}</source>
      <translation>添加{step}</translation>
    </message>
    <message>
      <source>Change to {step}</source>
      <translation>更改为{step}</translation>
    </message>
    <message>
      <source>Duplicate {step}</source>
      <translation>复制{step}</translation>
    </message>
    <message>
      <source>Move {step}</source>
      <translation>移动{step}</translation>
    </message>
    <message>
      <source>Remove a rule of {step}</source>
      <translation>移除{step}的一条规则</translation>
    </message>
    <message>
      <source>Remove {step}</source>
      <translation>移除{step}</translation>
    </message>
    <message>
      <source>Switch off {step}</source>
      <translation>关闭{step}</translation>
    </message>
    <message>
      <source>Switch on {step}</source>
      <translation>开启{step}</translation>
    </message>
  </context>
  <context>
    <name>RecipePanel</name>
    <message>
      <source>A recipe says what is done to the network, step by step. Add a step, take a ready recipe, or set a layer in the table.</source>
      <translation>配方逐步说明对网络所做的处理。可添加步骤、采用现成配方，或在表格中设置某个层。</translation>
    </message>
    <message>
      <source>Add step…</source>
      <translation>添加步骤…</translation>
    </message>
    <message>
      <source>Help me choose…</source>
      <translation>帮我选择…</translation>
    </message>
    <message>
      <source>No steps yet</source>
      <translation>尚无步骤</translation>
    </message>
    <message>
      <source>Presets</source>
      <translation>预设</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>种子</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Steps (1 problem)</source>
      <translation>步骤（1 个问题）</translation>
    </message>
    <message>
      <source>Steps ({count} problems)</source>
      <translation>步骤（{count} 个问题）</translation>
    </message>
    <message>
      <source>The recipe is now “{preset}”.</source>
      <translation>配方现在是“{preset}”。</translation>
    </message>
    <message>
      <source>Undo brings back what was there.</source>
      <translation>撤销可恢复原先的内容。</translation>
    </message>
    <message>
      <source>Which should I use?</source>
      <translation>我该用哪一种？</translation>
    </message>
    <message>
      <source>YAML</source>
      <translation>YAML</translation>
    </message>
  </context>
  <context>
    <name>ReportWindow</name>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Errors</source>
      <translation>错误</translation>
    </message>
    <message>
      <source>Espalier has made a mistake</source>
      <translation>Espalier 发生了错误</translation>
    </message>
    <message>
      <source>Something happened that was not foreseen. Your project is saved; you can go on, and what you did last may not have worked. The text below helps to mend it: it holds names of files, and nothing of it is sent anywhere.</source>
      <translation>发生了未预料到的情况。您的项目已保存；您可以继续，但最近的一次操作可能没有生效。下面的文本有助于修复问题：其中包含文件名，但不会发送到任何地方。</translation>
    </message>
    <message>
      <source>Traceback</source>
      <translation>回溯信息</translation>
    </message>
    <message>
      <source>Unexpected errors</source>
      <translation>意外错误</translation>
    </message>
    <message>
      <source>{summary} ({count} times)</source>
      <translation>{summary}（{count} 次）</translation>
    </message>
  </context>
  <context>
    <name>RoundsTable</name>
    <message>
      <source>Earlier runs</source>
      <translation>以往运行</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Measured ÷ predicted</source>
      <translation>实测 ÷ 预测</translation>
    </message>
    <message>
      <source>Predicted</source>
      <translation>预测</translation>
    </message>
    <message>
      <source>Ratio</source>
      <translation>比值</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>运行</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The recipe that is shown is the one of this run</source>
      <translation>所显示的配方就是这次运行的配方</translation>
    </message>
    <message>
      <source>{run}: this one</source>
      <translation>{run}：即此配方</translation>
    </message>
  </context>
  <context>
    <name>Row</name>
    <message>
      <source>Take back {field}</source>
      <translation>恢复{field}</translation>
    </message>
  </context>
  <context>
    <name>RowsTable</name>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
  </context>
  <context>
    <name>RuleList</name>
    <message>
      <source>Rules for some layers; a later one wins</source>
      <translation>针对部分层的规则；后面的规则优先</translation>
    </message>
    <message>
      <source>{count} more rules are in the YAML</source>
      <translation>YAML 中还有 {count} 条规则</translation>
    </message>
  </context>
  <context>
    <name>RunsRow</name>
    <message>
      <source>&amp;Stop after this run</source>
      <translation>本次运行后停止(&amp;S)</translation>
    </message>
    <message>
      <source>Drops the run that is under way; what earlier ones have shown is kept</source>
      <translation>放弃正在进行的运行；此前运行得到的结果会保留</translation>
    </message>
    <message>
      <source>Stop at &amp;once</source>
      <translation>立即停止(&amp;O)</translation>
    </message>
    <message>
      <source>Takes the best of the runs that have ended by then</source>
      <translation>采用届时已结束的运行中最好的一个</translation>
    </message>
  </context>
  <context>
    <name>SampleGallery</name>
    <message>
      <source>All changed ({count:,})</source>
      <translation>所有变化（{count:,}）</translation>
    </message>
    <message>
      <source>Became right ({count:,})</source>
      <translation>变为正确（{count:,}）</translation>
    </message>
    <message>
      <source>Became wrong ({count:,})</source>
      <translation>变为错误（{count:,}）</translation>
    </message>
    <message>
      <source>No sample changed so.</source>
      <translation>没有样本发生此类变化。</translation>
    </message>
    <message>
      <source>Samples whose answer changed</source>
      <translation>答案发生变化的样本</translation>
    </message>
    <message>
      <source>Wrong otherwise ({count:,})</source>
      <translation>错误但答案不同（{count:,}）</translation>
    </message>
  </context>
  <context>
    <name>SampleGrid</name>
    <message>
      <source>Label: {name}</source>
      <translation>标签：{name}</translation>
    </message>
    <message>
      <source>Sample {number}</source>
      <translation>样本 {number}</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
    <message>
      <source>The network says: {name}</source>
      <translation>网络的答案：{name}</translation>
    </message>
    <message>
      <source>The network says: {name} ({percent})</source>
      <translation>网络的答案：{name}（{percent}）</translation>
    </message>
    <message>
      <source>{right} of {known} predictions are the label</source>
      <translation>{known} 个预测中有 {right} 个与标签一致</translation>
    </message>
  </context>
  <context>
    <name>SampleModel</name>
    <message>
      <source>Sample {number} of {split}, label {label}. {one}: {first} ({sure}). {other}: {second} ({certain}).</source>
      <translation>{split} 的样本 {number}，标签 {label}。{one}：{first}（{sure}）。{other}：{second}（{certain}）。</translation>
    </message>
  </context>
  <context>
    <name>ScatterPlot</name>
    <message>
      <source>Best measured</source>
      <translation>最佳实测</translation>
    </message>
    <message>
      <source>Click a point, or drag around several.</source>
      <translation>点击一个点，或拖动框选多个。</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>No trial has both of these numbers yet.</source>
      <translation>尚无试验同时具有这两项指标。</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>Predicted</source>
      <translation>预测</translation>
    </message>
    <message>
      <source>Trial</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>{name}: {across} {x}, {up} {y}, measured</source>
      <translation>{name}：{across} {x}，{up} {y}，实测</translation>
    </message>
    <message>
      <source>{name}: {across} ~{x}, {up} ~{y}, predicted</source>
      <translation>{name}：{across} ~{x}，{up} ~{y}，预测</translation>
    </message>
  </context>
  <context>
    <name>ScoresPlot</name>
    <message>
      <source>Channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channel scores</source>
      <translation>通道评分</translation>
    </message>
    <message>
      <source>Channel {channel}: score {score}, {place} of {count}, kept</source>
      <translation>通道 {channel}：评分 {score}，第 {place} / {count} 位，保留</translation>
    </message>
    <message>
      <source>Channel {channel}: score {score}, {place} of {count}, removed</source>
      <translation>通道 {channel}：评分 {score}，第 {place} / {count} 位，移除</translation>
    </message>
    <message>
      <source>Channels, lowest score first</source>
      <translation>通道，评分由低到高</translation>
    </message>
    <message>
      <source>Kept</source>
      <translation>保留</translation>
    </message>
    <message>
      <source>Logarithmic scores</source>
      <translation>对数评分</translation>
    </message>
    <message>
      <source>Removed</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>评分</translation>
    </message>
    <message>
      <source>There are no scores for these channels.</source>
      <translation>这些通道没有评分。</translation>
    </message>
    <message>
      <source>{ratio} removed</source>
      <translation>移除 {ratio}</translation>
    </message>
    <message>
      <source>{ratio} removed ({removed} of {count})</source>
      <translation>移除 {ratio}（{count} 个中的 {removed} 个）</translation>
    </message>
  </context>
  <context>
    <name>Sensitivity</name>
    <message>
      <source>Accuracy lost</source>
      <translation>准确率损失</translation>
    </message>
    <message>
      <source>Accuracy {points}</source>
      <translation>准确率 {points}</translation>
    </message>
    <message>
      <source>All {count} measured</source>
      <translation>全部 {count} 项均为实测</translation>
    </message>
    <message>
      <source>An estimate predicts from one pass over the calibration data what each setting of each layer costs in accuracy.</source>
      <translation>估计只需遍历一次校准数据，即可预测每层每种设置在准确率上的代价。</translation>
    </message>
    <message>
      <source>Bytes saved</source>
      <translation>节省的字节</translation>
    </message>
    <message>
      <source>Bytes: {before} → {after}</source>
      <translation>字节：{before} → {after}</translation>
    </message>
    <message>
      <source>Estimated</source>
      <translation>估计</translation>
    </message>
    <message>
      <source>Estimated from {samples} samples</source>
      <translation>由 {samples} 个样本估计</translation>
    </message>
    <message>
      <source>Estimated from {samples} samples, {passes} passes</source>
      <translation>由 {samples} 个样本估计，{passes} 次前向</translation>
    </message>
    <message>
      <source>Estimating anew: {share}</source>
      <translation>正在重新估计：{share}</translation>
    </message>
    <message>
      <source>From the weights alone</source>
      <translation>仅由权重得出</translation>
    </message>
    <message>
      <source>From the weights alone: there is no data yet</source>
      <translation>仅由权重得出：尚无数据</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Loss between {low} and {high} with 95 % confidence</source>
      <translation>损失以 95 % 的置信度在 {low} 与 {high} 之间</translation>
    </message>
    <message>
      <source>MACs saved</source>
      <translation>节省的 MACs</translation>
    </message>
    <message>
      <source>MACs: {before} → {after}</source>
      <translation>MACs：{before} → {after}</translation>
    </message>
    <message>
      <source>Time saved</source>
      <translation>节省的时间</translation>
    </message>
    <message>
      <source>Time: {before} → {after}</source>
      <translation>时间：{before} → {after}</translation>
    </message>
    <message>
      <source>Weights alone · estimating: {share}</source>
      <translation>仅权重 · 正在估计：{share}</translation>
    </message>
    <message>
      <source>What settings cost is learned from data. Open a data set first.</source>
      <translation>设置的代价要从数据中得知。请先打开数据集。</translation>
    </message>
    <message>
      <source>{layer} and {count} more</source>
      <translation>{layer} 及另外 {count} 个</translation>
    </message>
    <message>
      <source>{measured} of {count} measured, the others estimated</source>
      <translation>{count} 项中 {measured} 项为实测，其余为估计</translation>
    </message>
    <message>
      <source>{method} {setting}</source>
      <translation>{method} {setting}</translation>
    </message>
    <message>
      <source>{method}, {bits} bits</source>
      <translation>{method} {bits} 位</translation>
    </message>
  </context>
  <context>
    <name>SensitivityView</name>
    <message>
      <source>&amp;Estimate now</source>
      <translation>立即估计(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Fit to budget…</source>
      <translation>按预算适配(&amp;F)…</translation>
    </message>
    <message>
      <source>&amp;Use {setting} for {layer}</source>
      <translation>将 {setting} 用于 {layer}(&amp;U)</translation>
    </message>
    <message>
      <source>A double click on the cell does the same</source>
      <translation>双击单元格效果相同</translation>
    </message>
    <message>
      <source>Curves</source>
      <translation>曲线</translation>
    </message>
    <message>
      <source>Estimating what settings cost…</source>
      <translation>正在估计各设置的代价…</translation>
    </message>
    <message>
      <source>Hatched: estimated from one pass over calibration data. Solid: measured on validation data.</source>
      <translation>斜线：由一次遍历校准数据估计。实心：在验证数据上实测。</translation>
    </message>
    <message>
      <source>It looks at what the network computes on samples of the data.</source>
      <translation>它要观察网络在数据样本上的计算。</translation>
    </message>
    <message>
      <source>No costs are known yet</source>
      <translation>尚无已知的代价</translation>
    </message>
    <message>
      <source>Ranking</source>
      <translation>排名</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>保存</translation>
    </message>
    <message>
      <source>Save all costs as CSV…</source>
      <translation>将全部代价保存为 CSV…</translation>
    </message>
    <message>
      <source>Saved as {file}.</source>
      <translation>已保存为 {file}。</translation>
    </message>
    <message>
      <source>Sensitivity curves</source>
      <translation>敏感度曲线</translation>
    </message>
    <message>
      <source>Sensitivity map</source>
      <translation>敏感度图</translation>
    </message>
    <message>
      <source>Share of the weights' energy that a setting takes away. How much that costs in accuracy only data can tell.</source>
      <translation>设置从权重中去掉的能量比例。在准确率上的代价只有数据才能给出。</translation>
    </message>
    <message>
      <source>Table (*.csv)</source>
      <translation>表格 (*.csv)</translation>
    </message>
    <message>
      <source>Use the setting under the cursor</source>
      <translation>采用光标所在的设置</translation>
    </message>
    <message>
      <source>loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>{file} could not be written: {reason}</source>
      <translation>{file} 无法写入：{reason}</translation>
    </message>
    <message>
      <source>{stage}: {share}</source>
      <translation>{stage}：{share}</translation>
    </message>
  </context>
  <context>
    <name>Session</name>
    <message>
      <source>Fit again: predictions are corrected by what was measured.</source>
      <translation>再次适配：预测会按实测结果校正。</translation>
    </message>
    <message>
      <source>Fit to budget has learned from {count} runs.</source>
      <translation>按预算适配已从 {count} 次运行中学习。</translation>
    </message>
    <message>
      <source>Fit to budget has learned from {count} runs; the best lost {loss}.</source>
      <translation>按预算适配已从 {count} 次运行中学习；最好的一次损失 {loss}。</translation>
    </message>
    <message>
      <source>Models end in .onnx, .pt2, .pt, .pth or .safetensors; data is a folder of images, .npz, .npy, .csv or .parquet; recipes are .yaml or .json.</source>
      <translation>模型以 .onnx、.pt2、.pt、.pth 或 .safetensors 结尾；数据为图像文件夹、.npz、.npy、.csv 或 .parquet；配方为 .yaml 或 .json。</translation>
    </message>
    <message>
      <source>Open a model first.</source>
      <translation>请先打开模型。</translation>
    </message>
    <message>
      <source>Open it to see what was found, and to use it.</source>
      <translation>打开它即可查看并使用所找到的配方。</translation>
    </message>
    <message>
      <source>{name} is neither a model, data nor a recipe.</source>
      <translation>{name} 既不是模型或数据，也不是配方。</translation>
    </message>
    <message>
      <source>{name} is not there.</source>
      <translation>{name} 不存在。</translation>
    </message>
    <message>
      <source>{name} was left out: only one of its kind can be opened.</source>
      <translation>{name} 已略过：同类文件只能打开一个。</translation>
    </message>
    <message>
      <source>{path} is not there.</source>
      <translation>{path} 不存在。</translation>
    </message>
    <message>
      <source>{trial}: accuracy {guess} predicted, {found} measured.</source>
      <translation>{trial}：准确率预测 {guess}，实测 {found}。</translation>
    </message>
    <message>
      <source>{trial}: loss {guess} predicted, {found} measured.</source>
      <translation>{trial}：损失预测 {guess}，实测 {found}。</translation>
    </message>
  </context>
  <context>
    <name>SettingsForm</name>
    <message>
      <source>Add pruning, low rank or quantization to the recipe, or type a value in the table.</source>
      <translation>请将剪枝、低秩或量化添加到配方，或在表格中输入数值。</translation>
    </message>
    <message>
      <source>As in the whole step.</source>
      <translation>与整个步骤相同。</translation>
    </message>
    <message>
      <source>Leave out of this step</source>
      <translation>从此步骤中排除</translation>
    </message>
    <message>
      <source>Left out by {rule}.</source>
      <translation>被{rule}排除。</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>锁定</translation>
    </message>
    <message>
      <source>Locked layers keep their settings: neither a solver nor the global slider changes them</source>
      <translation>锁定的层保持其设置：求解器和全局滑块都不会改动它们</translation>
    </message>
    <message>
      <source>No layer is selected</source>
      <translation>未选择层</translation>
    </message>
    <message>
      <source>No step works layer by layer</source>
      <translation>没有逐层工作的步骤</translation>
    </message>
    <message>
      <source>Nothing to set</source>
      <translation>没有可设置的内容</translation>
    </message>
    <message>
      <source>Reset</source>
      <translation>重置</translation>
    </message>
    <message>
      <source>Rule {number}: {layers}</source>
      <translation>规则 {number}：{layers}</translation>
    </message>
    <message>
      <source>Select layers in the table or the graph to see what is done to them.</source>
      <translation>在表格或图中选择层，以查看对其所做的处理。</translation>
    </message>
    <message>
      <source>Set by {rules}.</source>
      <translation>由{rules}设置。</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Take back what the recipe says of these layers by name</source>
      <translation>收回配方中按名称针对这些层的内容</translation>
    </message>
    <message>
      <source>These layers have different settings.</source>
      <translation>这些层的设置不同。</translation>
    </message>
    <message>
      <source>This step does not know the selected layers.</source>
      <translation>此步骤不适用于所选层。</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>解锁</translation>
    </message>
    <message>
      <source>rule {number} ({layers})</source>
      <translation>规则 {number}（{layers}）</translation>
    </message>
    <message>
      <source>{count} layers</source>
      <translation>{count} 个层</translation>
    </message>
    <message>
      <source>{count} of the layers: {reason}</source>
      <translation>{count} 个层：{reason}</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
  </context>
  <context>
    <name>SettingsTable</name>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Settings of the layers</source>
      <translation>各层的设置</translation>
    </message>
    <message>
      <source>Settings that differ</source>
      <translation>不同的设置</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>The same recipe</source>
      <translation>配方相同</translation>
    </message>
    <message>
      <source>all</source>
      <translation>全部</translation>
    </message>
    <message>
      <source>{layer}: keeps what it has</source>
      <translation>{layer}：保持不变</translation>
    </message>
  </context>
  <context>
    <name>SpectrumPlot</name>
    <message>
      <source>Energy</source>
      <translation>能量</translation>
    </message>
    <message>
      <source>Energy kept</source>
      <translation>保留的能量</translation>
    </message>
    <message>
      <source>Full rank {rank}</source>
      <translation>满秩 {rank}</translation>
    </message>
    <message>
      <source>Logarithmic singular values</source>
      <translation>对数奇异值</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank {rank} of {count}: singular value {value}, {energy} of the energy</source>
      <translation>秩 {rank} / {count}：奇异值 {value}，占能量的 {energy}</translation>
    </message>
    <message>
      <source>Rank {rank}: {energy}</source>
      <translation>秩 {rank}：{energy}</translation>
    </message>
    <message>
      <source>Rank {rank}: {energy} of the energy</source>
      <translation>秩 {rank}：占能量的 {energy}</translation>
    </message>
    <message>
      <source>Singular value</source>
      <translation>奇异值</translation>
    </message>
    <message>
      <source>Smaller up to rank {rank}</source>
      <translation>秩不超过 {rank} 时更小</translation>
    </message>
    <message>
      <source>Spectrum</source>
      <translation>谱</translation>
    </message>
    <message>
      <source>This layer has no spectrum.</source>
      <translation>此层没有谱。</translation>
    </message>
  </context>
  <context>
    <name>SpectrumTab</name>
    <message>
      <source>&amp;Bayes: rank {rank}</source>
      <translation>贝叶斯：秩 {rank}(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>At rank {rank} the factors take ~{size} instead of {whole}.</source>
      <translation>秩为 {rank} 时，分解因子占用 ~{size}，而不是 {whole}。</translation>
    </message>
    <message>
      <source>No spectrum</source>
      <translation>没有谱</translation>
    </message>
    <message>
      <source>Not factored: a matrix of {rows} × {columns}, {size}.</source>
      <translation>未分解：{rows} × {columns} 的矩阵，{size}。</translation>
    </message>
    <message>
      <source>The line sets the same share for all {count} selected layers.</source>
      <translation>此线将为全部 {count} 个所选层设置相同的比例。</translation>
    </message>
    <message>
      <source>Variational Bayes tells the signal in the weights from noise.</source>
      <translation>变分贝叶斯可区分权重中的信号与噪声。</translation>
    </message>
  </context>
  <context>
    <name>StatusLine</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Ending: {what}</source>
      <translation>正在结束：{what}</translation>
    </message>
    <message>
      <source>Pause or go on</source>
      <translation>暂停或继续</translation>
    </message>
    <message>
      <source>Paused: {what}</source>
      <translation>已暂停：{what}</translation>
    </message>
    <message>
      <source>Progress of the running job</source>
      <translation>当前作业的进度</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Starting the engine…</source>
      <translation>正在启动引擎…</translation>
    </message>
    <message>
      <source>Stop and keep the best so far</source>
      <translation>停止并保留目前最佳</translation>
    </message>
    <message>
      <source>What is left of this stage, at the pace so far</source>
      <translation>按目前速度估计的本阶段剩余时间</translation>
    </message>
    <message>
      <source>{count} layers selected · {bytes} · {macs} MACs</source>
      <translation>已选择 {count} 个层 · {bytes} · {macs} MACs</translation>
    </message>
    <message>
      <source>{count} layers · {parameters} parameters · {bytes} · {macs} MACs</source>
      <translation>{count} 个层 · {parameters} 个参数 · {bytes} · {macs} MACs</translation>
    </message>
    <message>
      <source>{count} waiting</source>
      <translation>{count} 个等待中</translation>
    </message>
  </context>
  <context>
    <name>StepCard</name>
    <message>
      <source>1 layer</source>
      <translation>1 个层</translation>
    </message>
    <message>
      <source>Actions of the step</source>
      <translation>步骤的操作</translation>
    </message>
    <message>
      <source>Choose another method…</source>
      <translation>选择其他方法…</translation>
    </message>
    <message>
      <source>Duplicate</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>下移</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>上移</translation>
    </message>
    <message>
      <source>Needs {things}</source>
      <translation>需要{things}</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Switch off {step}</source>
      <translation>关闭{step}</translation>
    </message>
    <message>
      <source>Switch on {step}</source>
      <translation>开启{step}</translation>
    </message>
    <message>
      <source>Switched off</source>
      <translation>已关闭</translation>
    </message>
    <message>
      <source>What can be done with this step</source>
      <translation>可对此步骤执行的操作</translation>
    </message>
    <message>
      <source>{count} layers</source>
      <translation>{count} 个层</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
    <message>
      <source>{strength} · {layers}</source>
      <translation>{strength} · {layers}</translation>
    </message>
  </context>
  <context>
    <name>StepsTable</name>
    <message>
      <source>Costs</source>
      <translation>代价</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Saves</source>
      <translation>节省</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>{layer} and {count} more</source>
      <translation>{layer} 及另外 {count} 个</translation>
    </message>
    <message>
      <source>{method} {setting}</source>
      <translation>{method} {setting}</translation>
    </message>
  </context>
  <context>
    <name>TrainingView</name>
    <message>
      <source>A recipe with a step that trains (fine-tuning, distillation, quantization-aware training) shows its curves here while it runs.</source>
      <translation>含有训练步骤（微调、蒸馏、量化感知训练）的配方在运行时会在此显示曲线。</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Drop the run: nothing of it is kept</source>
      <translation>放弃运行：不保留任何内容</translation>
    </message>
    <message>
      <source>Failed: see the job list</source>
      <translation>失败：请查看作业列表</translation>
    </message>
    <message>
      <source>Finished</source>
      <translation>已完成</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>No training has run</source>
      <translation>尚未运行训练</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>暂停</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>已暂停</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Rounding loss</source>
      <translation>取整损失</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>停止并保留最佳</translation>
    </message>
    <message>
      <source>Stopped</source>
      <translation>已停止</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>正在停止…</translation>
    </message>
    <message>
      <source>Training curves</source>
      <translation>训练曲线</translation>
    </message>
    <message>
      <source>Training loss</source>
      <translation>训练损失</translation>
    </message>
    <message>
      <source>Validation accuracy</source>
      <translation>验证准确率</translation>
    </message>
    <message>
      <source>Validation loss</source>
      <translation>验证损失</translation>
    </message>
    <message>
      <source>best accuracy {value} at step {step}</source>
      <translation>最佳准确率 {value}，第 {step} 步</translation>
    </message>
    <message>
      <source>lowest validation loss {value} at step {step}</source>
      <translation>最低验证损失 {value}，第 {step} 步</translation>
    </message>
    <message>
      <source>~{time} left</source>
      <translation>剩余 ~{time}</translation>
    </message>
  </context>
  <context>
    <name>Trial</name>
    <message>
      <source>Qt WebEngine does not run on this machine, so the graph is a simple one.</source>
      <translation>Qt WebEngine 无法在此机器上运行，因此显示简单图。</translation>
    </message>
    <message>
      <source>Qt WebEngine is not installed, so the graph is a simple one.</source>
      <translation>未安装 Qt WebEngine，因此显示简单图。</translation>
    </message>
    <message>
      <source>Qt WebEngine needs the system library {library}, so the graph is a simple one.</source>
      <translation>Qt WebEngine 需要系统库 {library}，因此显示简单图。</translation>
    </message>
    <message>
      <source>The detailed graph is switched off ({variable}).</source>
      <translation>详细图已关闭（{variable}）。</translation>
    </message>
  </context>
  <context>
    <name>TrialModel</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Click to sort; the original and pinned trials stay on top.</source>
      <translation>点击以排序；原始模型和已固定的试验始终在最上方。</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Measured.</source>
      <translation>实测。</translation>
    </message>
    <message>
      <source>Measured; {guess} was predicted before the run.</source>
      <translation>实测；运行前的预测为 {guess}。</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>备注</translation>
    </message>
    <message>
      <source>Predicted; it was not measured.</source>
      <translation>预测；未经测量。</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The network as it was opened.</source>
      <translation>打开时的网络。</translation>
    </message>
    <message>
      <source>The recipe in force was made from it.</source>
      <translation>当前配方由它而来。</translation>
    </message>
    <message>
      <source>The run was ended early.</source>
      <translation>运行被提前结束。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Trial</source>
      <translation>试验</translation>
    </message>
  </context>
  <context>
    <name>Trials</name>
    <message>
      <source>Nothing is done</source>
      <translation>未作任何处理</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>The accuracy is not known.</source>
      <translation>准确率未知。</translation>
    </message>
    <message>
      <source>Trial {number}</source>
      <translation>试验 {number}</translation>
    </message>
    <message>
      <source>With 95 % confidence it is between {low} and {high}.</source>
      <translation>在 95 % 的置信度下，介于 {low} 与 {high} 之间。</translation>
    </message>
    <message>
      <source>agreement</source>
      <translation>一致率</translation>
    </message>
    <message>
      <source>agreement on synthetic data</source>
      <translation>在合成数据上的一致率</translation>
    </message>
    <message>
      <source>agreement with the original</source>
      <translation>与原始模型的一致率</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>synthetic</source>
      <translation>合成</translation>
    </message>
    <message>
      <source>{method} {setting}</source>
      <translation>{method} {setting}</translation>
    </message>
    <message>
      <source>{number} ({share})</source>
      <translation>{number}（{share}）</translation>
    </message>
    <message>
      <source>{percent} ({source}, {samples:,})</source>
      <translation>{percent}（{source}，{samples:,}）</translation>
    </message>
    <message>
      <source>{percent} on {samples:,} samples, by {source}.</source>
      <translation>{samples:,} 个样本上 {percent}，依据{source}。</translation>
    </message>
    <message>
      <source>{weights}/{activations} bits</source>
      <translation>{weights}/{activations} 位</translation>
    </message>
  </context>
  <context>
    <name>TrialsPlot</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Time of the run</source>
      <translation>运行时间</translation>
    </message>
    <message>
      <source>Trials by two quantities</source>
      <translation>按两项指标显示试验</translation>
    </message>
  </context>
  <context>
    <name>TrialsTable</name>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
  </context>
  <context>
    <name>TrialsView</name>
    <message>
      <source>As a tree</source>
      <translation>显示为树</translation>
    </message>
    <message>
      <source>Back to this recipe</source>
      <translation>回到此配方</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>比较</translation>
    </message>
    <message>
      <source>Compare the two chosen trials</source>
      <translation>比较所选的两个试验</translation>
    </message>
    <message>
      <source>Copy all trials as CSV</source>
      <translation>将所有试验复制为 CSV</translation>
    </message>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
    <message>
      <source>Cost and worth</source>
      <translation>代价与收益</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>删除</translation>
    </message>
    <message>
      <source>Delete the trial; it can be undone</source>
      <translation>删除试验；可以撤销</translation>
    </message>
    <message>
      <source>Each run of the recipe becomes a trial with its measured numbers.</source>
      <translation>配方的每次运行都成为一个带有实测指标的试验。</translation>
    </message>
    <message>
      <source>Fit again…</source>
      <translation>再次适配…</translation>
    </message>
    <message>
      <source>Fit to budget, with predictions corrected by what was measured</source>
      <translation>按预算适配，并用实测结果校正预测</translation>
    </message>
    <message>
      <source>Give the trial another name</source>
      <translation>为试验重新命名</translation>
    </message>
    <message>
      <source>Its file goes when the project is closed.</source>
      <translation>其文件将在项目关闭时删除。</translation>
    </message>
    <message>
      <source>Keep the trial on top</source>
      <translation>将试验固定在最上方</translation>
    </message>
    <message>
      <source>No trials yet</source>
      <translation>尚无试验</translation>
    </message>
    <message>
      <source>Pin</source>
      <translation>固定</translation>
    </message>
    <message>
      <source>Predicted and measured</source>
      <translation>预测与实测</translation>
    </message>
    <message>
      <source>Put the recipe of this trial in force; undo takes it back</source>
      <translation>采用此试验的配方；可撤销</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>重命名</translation>
    </message>
    <message>
      <source>Show which trial came from which</source>
      <translation>显示试验之间的来源关系</translation>
    </message>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>撤销</translation>
    </message>
    <message>
      <source>Write a note</source>
      <translation>写备注</translation>
    </message>
    <message>
      <source>Write a note on the trial</source>
      <translation>为试验写备注</translation>
    </message>
    <message>
      <source>{count} trials were deleted.</source>
      <translation>已删除 {count} 个试验。</translation>
    </message>
    <message>
      <source>{name} was deleted.</source>
      <translation>已删除 {name}。</translation>
    </message>
  </context>
  <context>
    <name>TrustDialog</name>
    <message>
      <source>A safe way without this question: save the weights as .safetensors, or export the network as .onnx or .pt2.</source>
      <translation>可避免此问题的安全方式：将权重保存为 .safetensors，或将网络导出为 .onnx 或 .pt2。</translation>
    </message>
    <message>
      <source>Can start programs, change files or open connections</source>
      <translation>可以启动程序、更改文件或打开连接</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>It imports nothing beyond what every file of its kind has.</source>
      <translation>除此类文件都有的内容外，它不导入任何其他内容。</translation>
    </message>
    <message>
      <source>It would import these names, beyond what every such file has:</source>
      <translation>除此类文件都有的内容外，它将导入以下名称：</translation>
    </message>
    <message>
      <source>It would import these names. Those with a warning are not needed to describe a network: do not open the file unless you can explain them.</source>
      <translation>它将导入以下名称。带警告的名称并非描述网络所必需：除非您能说明其用途，否则不要打开此文件。</translation>
    </message>
    <message>
      <source>Looking into the file…</source>
      <translation>正在检查文件…</translation>
    </message>
    <message>
      <source>Trust and open</source>
      <translation>信任并打开</translation>
    </message>
    <message>
      <source>Trust this file?</source>
      <translation>信任此文件吗？</translation>
    </message>
    <message>
      <source>What the file would import</source>
      <translation>文件将导入的内容</translation>
    </message>
    <message>
      <source>What the file would import cannot be told without running it.</source>
      <translation>不运行该文件就无法得知它将导入什么。</translation>
    </message>
    <message>
      <source>Whoever made this file decides what the code does: it can read, change, delete or send away everything that you can. Trust it only if you know where it comes from.</source>
      <translation>代码的行为由制作此文件的人决定：凡是您有权读取、更改、删除或发送的内容，它都可以操作。只有知道其来源时才应信任它。</translation>
    </message>
    <message>
      <source>“{name}” runs program code when it is opened</source>
      <translation>“{name}”在打开时会运行程序代码</translation>
    </message>
    <message>
      <source>… and {count} names that every such file has</source>
      <translation>… 以及此类文件都有的 {count} 个名称</translation>
    </message>
  </context>
  <context>
    <name>ValueDialog</name>
    <message>
      <source>For one layer</source>
      <translation>用于一个层</translation>
    </message>
    <message>
      <source>For {count} layers</source>
      <translation>用于 {count} 个层</translation>
    </message>
    <message>
      <source>Leave as they are</source>
      <translation>保持不变</translation>
    </message>
    <message>
      <source>Set</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Set for selection</source>
      <translation>为所选层设置</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>值</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>VariantEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>WeightsTab</name>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>All weights have the same value.</source>
      <translation>所有权重的值都相同。</translation>
    </message>
    <message>
      <source>By &amp;channel</source>
      <translation>按通道(&amp;C)</translation>
    </message>
    <message>
      <source>Each layer's bins as shares of its weights.</source>
      <translation>各层的直方图区间以其权重的占比表示。</translation>
    </message>
    <message>
      <source>Histogram of weights</source>
      <translation>权重直方图</translation>
    </message>
    <message>
      <source>The first {shown} of {count} selected layers.</source>
      <translation>{count} 个所选层中的前 {shown} 个。</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>{count} weights from {low} to {high}, mean {mean}, standard deviation {deviation}, {zeros} zeros</source>
      <translation>{count} 个权重，从 {low} 到 {high}，均值 {mean}，标准差 {deviation}，其中 {zeros} 个零</translation>
    </message>
  </context>
  <context>
    <name>YamlEditor</name>
    <message>
      <source>Recipe as YAML</source>
      <translation>配方的 YAML</translation>
    </message>
    <message>
      <source>Tab indents, Escape leaves the editor.</source>
      <translation>Tab 缩进，Esc 离开编辑器。</translation>
    </message>
  </context>
  <context>
    <name>YamlTab</name>
    <message>
      <source>Applied when you stop typing, or with Ctrl+Enter</source>
      <translation>停止输入后或按 Ctrl+Enter 时应用</translation>
    </message>
    <message>
      <source>Give up changes</source>
      <translation>放弃更改</translation>
    </message>
    <message>
      <source>Line {line}: {problem}</source>
      <translation>第 {line} 行：{problem}</translation>
    </message>
    <message>
      <source>Not applied. {problem}</source>
      <translation>未应用。{problem}</translation>
    </message>
    <message>
      <source>Show the recipe that is in force again</source>
      <translation>重新显示当前生效的配方</translation>
    </message>
  </context>
  <context>
    <name>_Empty</name>
    <message>
      <source>Clear the filter</source>
      <translation>清除筛选</translation>
    </message>
  </context>
  <context>
    <name>_Item</name>
    <message>
      <source>Remove {name}</source>
      <translation>移除 {name}</translation>
    </message>
  </context>
  <context>
    <name>_RuleRow</name>
    <message>
      <source>Remove rule {number}</source>
      <translation>移除规则 {number}</translation>
    </message>
    <message>
      <source>Select {layers}</source>
      <translation>选择 {layers}</translation>
    </message>
  </context>
  <context>
    <name>engine</name>
    <message>
      <source> of each of its groups</source>
      <translation>其每个分组的</translation>
    </message>
    <message>
      <source> together with the other targets</source>
      <translation>（与其他目标同时）</translation>
    </message>
    <message>
      <source> with {0}</source>
      <translation>，使用 {0}</translation>
    </message>
    <message>
      <source>, or copy it again</source>
      <translation>，或重新复制</translation>
    </message>
    <message>
      <source>A .safetensors file holds weights alone: how activations are rounded is not in it.</source>
      <translation>.safetensors 文件只包含权重：其中没有激活如何取整的信息。</translation>
    </message>
    <message>
      <source>A .safetensors file keeps quantized weights as float32 values on their grid, which its metadata describes: it is no smaller. Write ONNX or .pt2 for a smaller file.</source>
      <translation>.safetensors 文件将量化权重保存为网格上的 float32 值，由其元数据说明：文件不会变小。要得到更小的文件，请写出 ONNX 或 .pt2。</translation>
    </message>
    <message>
      <source>A 1 × 1 convolution has no core to keep: svd is the same with a layer less.</source>
      <translation>1 × 1 卷积没有可保留的核心：svd 效果相同且少一层。</translation>
    </message>
    <message>
      <source>A classifier wants one class number per row of its output.</source>
      <translation>分类器要求其输出的每一行对应一个类别编号。</translation>
    </message>
    <message>
      <source>A classifier wants one label per row of its output; a dense one, one per position.</source>
      <translation>分类器要求其输出的每一行对应一个标签；逐位置的网络要求每个位置一个。</translation>
    </message>
    <message>
      <source>A convolution in groups is many small matrices, which are not factored.</source>
      <translation>分组卷积由许多小矩阵组成，不作分解。</translation>
    </message>
    <message>
      <source>A damaged checkpoint of this training was ignored; it began anew.</source>
      <translation>已忽略此次训练的一个损坏的检查点，并重新开始。</translation>
    </message>
    <message>
      <source>A file holds one recipe, and here another one begins</source>
      <translation>一个文件只能包含一个配方，而此处开始了另一个</translation>
    </message>
    <message>
      <source>A file is read through a temporary folder, and none can be made ({0})</source>
      <translation>读取文件需要临时文件夹，但无法创建（{0}）</translation>
    </message>
    <message>
      <source>A layer of kind {0} has only a few weights, which stay as they are.</source>
      <translation>类型为 {0} 的层只有少量权重，保持原样。</translation>
    </message>
    <message>
      <source>A matrix of {0} × {1} is too large to be decomposed here.</source>
      <translation>{0} × {1} 的矩阵太大，无法在此分解。</translation>
    </message>
    <message>
      <source>A multi-label network wants a 0 or 1 for each of its outputs.</source>
      <translation>多标签网络要求为其每个输出提供 0 或 1。</translation>
    </message>
    <message>
      <source>A name before a colon must be text; put it in quotes</source>
      <translation>冒号前的名称必须是文本；请加上引号</translation>
    </message>
    <message>
      <source>A network file to learn from; empty: the original network.</source>
      <translation>作为学习对象的网络文件；留空：原始网络。</translation>
    </message>
    <message>
      <source>A network that predicts numbers wants one target per output value.</source>
      <translation>预测数值的网络要求每个输出值对应一个目标值。</translation>
    </message>
    <message>
      <source>A parameter's name is text, not {0}</source>
      <translation>参数的名称是文本，而不是 {0}</translation>
    </message>
    <message>
      <source>A part of the path is a file. Choose another folder.</source>
      <translation>路径中有一部分是文件。请选择其他文件夹。</translation>
    </message>
    <message>
      <source>A precision of {0} is none</source>
      <translation>{0} 不是有效的精度</translation>
    </message>
    <message>
      <source>A project is a folder NAME{0} with a file {1} in it.</source>
      <translation>项目是名为 NAME{0} 的文件夹，其中有文件 {1}。</translation>
    </message>
    <message>
      <source>A quantized network is trained in float32.</source>
      <translation>已量化的网络以 float32 训练。</translation>
    </message>
    <message>
      <source>A recipe is a mapping, not {0}</source>
      <translation>配方是映射，而不是 {0}</translation>
    </message>
    <message>
      <source>A rule is a mapping with layers, not {0}</source>
      <translation>规则是含有 layers 的映射，而不是 {0}</translation>
    </message>
    <message>
      <source>A rule is for one layer at least</source>
      <translation>规则至少要针对一个层</translation>
    </message>
    <message>
      <source>A sample was evaluated twice, so networks cannot be paired over it</source>
      <translation>有样本被评估了两次，因此无法在其上对网络作配对比较</translation>
    </message>
    <message>
      <source>A shape needs the name of its input: one of {0}</source>
      <translation>形状需要指明输入的名称：{0} 之一</translation>
    </message>
    <message>
      <source>A share of the network's MACs is one number, but rules give it as {0}</source>
      <translation>网络 MACs 的比例是一个数字，但规则给出的是 {0}</translation>
    </message>
    <message>
      <source>A step is a mapping with a method, not {0}</source>
      <translation>步骤是含有 method 的映射，而不是 {0}</translation>
    </message>
    <message>
      <source>A step names its method: “method: channel”.</source>
      <translation>步骤须指明其方法：“method: channel”。</translation>
    </message>
    <message>
      <source>A stored result cannot be read: {0}</source>
      <translation>无法读取已存储的结果：{0}</translation>
    </message>
    <message>
      <source>A teacher takes the same inputs, prepared in the same way.</source>
      <translation>教师须接受相同的输入，并以相同方式预处理。</translation>
    </message>
    <message>
      <source>A trial of this project cannot be read: {0}</source>
      <translation>无法读取此项目的一个试验：{0}</translation>
    </message>
    <message>
      <source>A {0} cannot be {1}.</source>
      <translation>{0} 不能为 {1}。</translation>
    </message>
    <message>
      <source>Absorb errors</source>
      <translation>吸收误差</translation>
    </message>
    <message>
      <source>Accuracy loss</source>
      <translation>准确率损失</translation>
    </message>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Activation range</source>
      <translation>激活范围</translation>
    </message>
    <message>
      <source>Activation zeros</source>
      <translation>激活零值</translation>
    </message>
    <message>
      <source>Activations of {0}</source>
      <translation>{0} 的激活</translation>
    </message>
    <message>
      <source>Activations, peak</source>
      <translation>激活峰值</translation>
    </message>
    <message>
      <source>AdaRound (learned)</source>
      <translation>AdaRound（学习）</translation>
    </message>
    <message>
      <source>Adam</source>
      <translation>Adam</translation>
    </message>
    <message>
      <source>AdamW</source>
      <translation>AdamW</translation>
    </message>
    <message>
      <source>Adaptive rounding</source>
      <translation>自适应取整</translation>
    </message>
    <message>
      <source>Add the loss soft_targets, which learns from the original network, or give data with labels.</source>
      <translation>请添加损失 soft_targets（向原始网络学习），或提供带标签的数据。</translation>
    </message>
    <message>
      <source>Added to the inputs' second moment, as a share of its mean diagonal.</source>
      <translation>加到输入二阶矩上的量，以其对角线均值的比例表示。</translation>
    </message>
    <message>
      <source>All channels of layer {0} would be removed</source>
      <translation>层 {0} 的所有通道都将被移除</translation>
    </message>
    <message>
      <source>All channels that {0} passes on would be removed</source>
      <translation>{0} 传递的所有通道都将被移除</translation>
    </message>
    <message>
      <source>Allocation</source>
      <translation>分配方式</translation>
    </message>
    <message>
      <source>An eighth of the side</source>
      <translation>边长的八分之一</translation>
    </message>
    <message>
      <source>An image {0}</source>
      <translation>一张 {0} 的图像</translation>
    </message>
    <message>
      <source>An input that nothing uses, or one that is returned as it is, cannot be written.</source>
      <translation>无法写出无人使用的输入，或原样返回的输入。</translation>
    </message>
    <message>
      <source>An output has shape {0} in one form, {1} in the other</source>
      <translation>某个输出在一种形式中的形状为 {0}，在另一种中为 {1}</translation>
    </message>
    <message>
      <source>An output of the network is not a tensor, but a sequence</source>
      <translation>网络的一个输出不是张量，而是序列</translation>
    </message>
    <message>
      <source>An unexpected error: {0}</source>
      <translation>意外错误：{0}</translation>
    </message>
    <message>
      <source>Answers to single samples are not kept: the network does not give one class for each, or there is no data.</source>
      <translation>未保存各个样本的答案：网络不为每个样本给出一个类别，或没有数据。</translation>
    </message>
    <message>
      <source>Are the channels RGB, BGR or gray?</source>
      <translation>通道是 RGB、BGR 还是灰度？</translation>
    </message>
    <message>
      <source>Arrays left out of {0}: {1}.</source>
      <translation>{0} 中略过的数组：{1}。</translation>
    </message>
    <message>
      <source>Asking the network</source>
      <translation>正在询问网络</translation>
    </message>
    <message>
      <source>At most {0} % of the MACs go when these channels are pruned, not {1} %</source>
      <translation>剪除这些通道最多去掉 {0} % 的 MACs，达不到 {1} %</translation>
    </message>
    <message>
      <source>Augmentation</source>
      <translation>数据增强</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>Averaging</source>
      <translation>权重平均</translation>
    </message>
    <message>
      <source>Batch</source>
      <translation>批次</translation>
    </message>
    <message>
      <source>Batch norm scale</source>
      <translation>批归一化缩放系数</translation>
    </message>
    <message>
      <source>Batch norms keep their statistics: a batch of one has none.</source>
      <translation>批归一化保持其统计量：批次为 1 时无法统计。</translation>
    </message>
    <message>
      <source>Batch norms were not measured again: there are no calibration data.</source>
      <translation>未重新测量批归一化：没有校准数据。</translation>
    </message>
    <message>
      <source>Batch size</source>
      <translation>批次大小</translation>
    </message>
    <message>
      <source>Batches to train for, in place of epochs.</source>
      <translation>训练的批次数，代替轮数。</translation>
    </message>
    <message>
      <source>Bias correction</source>
      <translation>偏置校正</translation>
    </message>
    <message>
      <source>Bits of each weight: 2 to 8, or 16. Empty: weights stay float.</source>
      <translation>每个权重的位数：2 到 8，或 16。留空：权重保持浮点。</translation>
    </message>
    <message>
      <source>Bits of what goes into the layer and into additions: 4 to 8, or 16. Empty: activations stay float; the file gets smaller, not faster.</source>
      <translation>进入该层及参与加法的值的位数：4 到 8，或 16。留空：激活保持浮点；文件变小，但不会更快。</translation>
    </message>
    <message>
      <source>Block size</source>
      <translation>块大小</translation>
    </message>
    <message>
      <source>Building the network</source>
      <translation>正在构建网络</translation>
    </message>
    <message>
      <source>By epochs</source>
      <translation>按轮数</translation>
    </message>
    <message>
      <source>By predicted loss</source>
      <translation>按预测损失</translation>
    </message>
    <message>
      <source>By sensitivity</source>
      <translation>按敏感度</translation>
    </message>
    <message>
      <source>By the number of bits</source>
      <translation>按位数</translation>
    </message>
    <message>
      <source>Calibration samples in each step.</source>
      <translation>每一步使用的校准样本数。</translation>
    </message>
    <message>
      <source>Channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channel order</source>
      <translation>通道顺序</translation>
    </message>
    <message>
      <source>Channel pruning</source>
      <translation>通道剪枝</translation>
    </message>
    <message>
      <source>Channel pruning with these settings looks at what the network computes and needs data</source>
      <translation>采用这些设置的通道剪枝要观察网络的计算，因此需要数据</translation>
    </message>
    <message>
      <source>Channels</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channels of {0}</source>
      <translation>{0} 的通道</translation>
    </message>
    <message>
      <source>Check its path.</source>
      <translation>请检查其路径。</translation>
    </message>
    <message>
      <source>Check that the data belongs to this network, and that its labels count from 0.</source>
      <translation>请检查数据是否属于此网络，以及标签是否从 0 开始编号。</translation>
    </message>
    <message>
      <source>Check that the data belongs to this network.</source>
      <translation>请检查数据是否属于此网络。</translation>
    </message>
    <message>
      <source>Check the input shape, batch first</source>
      <translation>请检查输入形状，批次在前</translation>
    </message>
    <message>
      <source>Check the path.</source>
      <translation>请检查路径。</translation>
    </message>
    <message>
      <source>Checking the file</source>
      <translation>正在检查文件</translation>
    </message>
    <message>
      <source>Checking weights</source>
      <translation>正在检查权重</translation>
    </message>
    <message>
      <source>Choose a model file.</source>
      <translation>请选择模型文件。</translation>
    </message>
    <message>
      <source>Choose a new folder for the project.</source>
      <translation>请为项目选择新的文件夹。</translation>
    </message>
    <message>
      <source>Choose a teacher for the same classes.</source>
      <translation>请选择类别相同的教师。</translation>
    </message>
    <message>
      <source>Choose among {0}.</source>
      <translation>请从 {0} 中选择。</translation>
    </message>
    <message>
      <source>Choose another place, or make room.</source>
      <translation>请选择其他位置，或腾出空间。</translation>
    </message>
    <message>
      <source>Choose another place.</source>
      <translation>请选择其他位置。</translation>
    </message>
    <message>
      <source>Choose cpu, or leave it out.</source>
      <translation>请选择 cpu，或将其省略。</translation>
    </message>
    <message>
      <source>Choose the architecture that they were trained with.</source>
      <translation>请选择训练这些权重时所用的网络结构。</translation>
    </message>
    <message>
      <source>Choose the criterion magnitude for it.</source>
      <translation>请为其选择准则 magnitude。</translation>
    </message>
    <message>
      <source>Choose the model file inside it.</source>
      <translation>请选择其中的模型文件。</translation>
    </message>
    <message>
      <source>Choose {0}.</source>
      <translation>请选择 {0}。</translation>
    </message>
    <message>
      <source>Choosing channels</source>
      <translation>正在选择通道</translation>
    </message>
    <message>
      <source>Choosing grids</source>
      <translation>正在选择量化网格</translation>
    </message>
    <message>
      <source>Choosing ranges</source>
      <translation>正在选择范围</translation>
    </message>
    <message>
      <source>Class names in the data are taken as label numbers.</source>
      <translation>数据中的类别名称按标签编号处理。</translation>
    </message>
    <message>
      <source>Class names, in the order of the outputs.</source>
      <translation>类别名称，按输出的顺序。</translation>
    </message>
    <message>
      <source>Close it there first.</source>
      <translation>请先在那里关闭它。</translation>
    </message>
    <message>
      <source>Close other programs, and try again.</source>
      <translation>请关闭其他程序后重试。</translation>
    </message>
    <message>
      <source>Close other programs, or use smaller batches or less calibration data.</source>
      <translation>请关闭其他程序，或使用更小的批次或更少的校准数据。</translation>
    </message>
    <message>
      <source>Close other programs, or write it as .pt2 or .safetensors.</source>
      <translation>请关闭其他程序，或写出为 .pt2 或 .safetensors。</translation>
    </message>
    <message>
      <source>Collecting gradients</source>
      <translation>正在收集梯度</translation>
    </message>
    <message>
      <source>Collecting statistics</source>
      <translation>正在收集统计量</translation>
    </message>
    <message>
      <source>Columns left out: {0}.</source>
      <translation>略过的列：{0}。</translation>
    </message>
    <message>
      <source>Columns with empty cells: {0}.</source>
      <translation>含有空单元格的列：{0}。</translation>
    </message>
    <message>
      <source>Compare answers</source>
      <translation>比较答案</translation>
    </message>
    <message>
      <source>Compare networks that answer the same question.</source>
      <translation>请比较回答同一问题的网络。</translation>
    </message>
    <message>
      <source>Comparing data and network</source>
      <translation>正在比较数据与网络</translation>
    </message>
    <message>
      <source>Comparing with ONNX Runtime</source>
      <translation>正在与 ONNX Runtime 比较</translation>
    </message>
    <message>
      <source>Compensate</source>
      <translation>补偿</translation>
    </message>
    <message>
      <source>Compensation</source>
      <translation>补偿</translation>
    </message>
    <message>
      <source>Compress {0}</source>
      <translation>压缩 {0}</translation>
    </message>
    <message>
      <source>Constant</source>
      <translation>恒定</translation>
    </message>
    <message>
      <source>Convert color to gray</source>
      <translation>将彩色转换为灰度</translation>
    </message>
    <message>
      <source>Convert it first with onnx.version_converter.</source>
      <translation>请先用 onnx.version_converter 转换。</translation>
    </message>
    <message>
      <source>Convert it with tf2onnx.</source>
      <translation>请用 tf2onnx 转换。</translation>
    </message>
    <message>
      <source>Converting TorchScript</source>
      <translation>正在转换 TorchScript</translation>
    </message>
    <message>
      <source>Copy it into the model's folder.</source>
      <translation>请将其复制到模型所在的文件夹。</translation>
    </message>
    <message>
      <source>Copy or download it again.</source>
      <translation>请重新复制或下载。</translation>
    </message>
    <message>
      <source>Copy or export it again; if other programs open it, the fault is here: please report it.</source>
      <translation>请重新复制或导出；如果其他程序能打开它，则问题出在本程序：请报告。</translation>
    </message>
    <message>
      <source>Copy or save it again.</source>
      <translation>请重新复制或保存。</translation>
    </message>
    <message>
      <source>Copy the data file into the model's folder.</source>
      <translation>请将数据文件复制到模型所在的文件夹。</translation>
    </message>
    <message>
      <source>Copy the data file itself into the model's folder.</source>
      <translation>请将数据文件本身复制到模型所在的文件夹。</translation>
    </message>
    <message>
      <source>Copy the model and its data file again, together.</source>
      <translation>请将模型与其数据文件一起重新复制。</translation>
    </message>
    <message>
      <source>Correct bias</source>
      <translation>偏置校正</translation>
    </message>
    <message>
      <source>Correct that field.</source>
      <translation>请更正该字段。</translation>
    </message>
    <message>
      <source>Correct that line.</source>
      <translation>请更正该行。</translation>
    </message>
    <message>
      <source>Correct the architecture file.</source>
      <translation>请更正网络结构文件。</translation>
    </message>
    <message>
      <source>Correct the file.</source>
      <translation>请更正该文件。</translation>
    </message>
    <message>
      <source>Correcting biases</source>
      <translation>正在校正偏置</translation>
    </message>
    <message>
      <source>Cosine</source>
      <translation>余弦</translation>
    </message>
    <message>
      <source>Count labels from {0}</source>
      <translation>标签从 {0} 开始编号</translation>
    </message>
    <message>
      <source>Counting weights</source>
      <translation>正在统计权重</translation>
    </message>
    <message>
      <source>Criterion</source>
      <translation>准则</translation>
    </message>
    <message>
      <source>Crop padding</source>
      <translation>裁剪填充</translation>
    </message>
    <message>
      <source>Cross-layer equalization</source>
      <translation>跨层均衡</translation>
    </message>
    <message>
      <source>Damping</source>
      <translation>阻尼</translation>
    </message>
    <message>
      <source>Data is {0}.</source>
      <translation>数据为{0}。</translation>
    </message>
    <message>
      <source>Data layout</source>
      <translation>数据布局</translation>
    </message>
    <message>
      <source>Data of shape {0} does not fit the input {1} of shape {2}</source>
      <translation>形状为 {0} 的数据不适合形状为 {2} 的输入 {1}</translation>
    </message>
    <message>
      <source>Decay of a running average of the weights, which is then the result; 0: the weights themselves.</source>
      <translation>权重滑动平均的衰减系数，平均值即为结果；0：权重本身。</translation>
    </message>
    <message>
      <source>Decomposing</source>
      <translation>正在分解</translation>
    </message>
    <message>
      <source>Delete it; it is then worked out again.</source>
      <translation>请将其删除；随后会重新计算。</translation>
    </message>
    <message>
      <source>Did you mean “{0}”?</source>
      <translation>您是指“{0}”吗？</translation>
    </message>
    <message>
      <source>Distil from soft targets</source>
      <translation>软目标蒸馏</translation>
    </message>
    <message>
      <source>Distribution</source>
      <translation>分布方式</translation>
    </message>
    <message>
      <source>Divides after the mean is taken off.</source>
      <translation>减去均值后除以此值。</translation>
    </message>
    <message>
      <source>Does the network classify, or predict numbers?</source>
      <translation>网络用于分类，还是预测数值？</translation>
    </message>
    <message>
      <source>Draw shifted and mirrored versions of the calibration images; the original network says what is right for them, so no labels are needed.</source>
      <translation>使用校准图像的平移和镜像版本；由原始网络判断其正确答案，因此不需要标签。</translation>
    </message>
    <message>
      <source>Drawing the graph</source>
      <translation>正在绘制图</translation>
    </message>
    <message>
      <source>Each pixel is first multiplied by this.</source>
      <translation>每个像素首先乘以此值。</translation>
    </message>
    <message>
      <source>End it in {0}, or name a format with --format.</source>
      <translation>请以 {0} 结尾，或用 --format 指定格式。</translation>
    </message>
    <message>
      <source>Energy</source>
      <translation>能量</translation>
    </message>
    <message>
      <source>Entropy</source>
      <translation>熵</translation>
    </message>
    <message>
      <source>Epochs</source>
      <translation>轮数</translation>
    </message>
    <message>
      <source>Estimate costs again.</source>
      <translation>请重新估计代价。</translation>
    </message>
    <message>
      <source>Estimate costs of {0}</source>
      <translation>估计 {0} 的代价</translation>
    </message>
    <message>
      <source>Estimate the costs of this network first.</source>
      <translation>请先估计此网络的代价。</translation>
    </message>
    <message>
      <source>Evaluate {0}</source>
      <translation>评估 {0}</translation>
    </message>
    <message>
      <source>Evaluating</source>
      <translation>正在评估</translation>
    </message>
    <message>
      <source>Every recipe starts with that line.</source>
      <translation>每个配方都以此行开头。</translation>
    </message>
    <message>
      <source>Every value that the network predicts is NaN or infinite</source>
      <translation>网络预测的每个值都是 NaN 或无穷大</translation>
    </message>
    <message>
      <source>Export it again{0}.</source>
      <translation>请重新导出{0}。</translation>
    </message>
    <message>
      <source>Export the model again with this version of torch.</source>
      <translation>请用此版本的 torch 重新导出模型。</translation>
    </message>
    <message>
      <source>Export the network with a batch axis.</source>
      <translation>请导出带批次轴的网络。</translation>
    </message>
    <message>
      <source>Export the network without model-local functions.</source>
      <translation>请导出不含模型局部函数的网络。</translation>
    </message>
    <message>
      <source>Export the network without what turns texts into numbers.</source>
      <translation>请导出不含文本转数字部分的网络。</translation>
    </message>
    <message>
      <source>Export the original network with torch.export, that input fixed.</source>
      <translation>请用 torch.export 导出原始网络，并固定该输入。</translation>
    </message>
    <message>
      <source>Export the original network with torch.export.</source>
      <translation>请用 torch.export 导出原始网络。</translation>
    </message>
    <message>
      <source>Exporting ended without a result ({0}); nothing was written</source>
      <translation>导出结束但没有结果（{0}）；未写出任何内容</translation>
    </message>
    <message>
      <source>Exporting took longer than {0} seconds and was stopped</source>
      <translation>导出用时超过 {0} 秒，已停止</translation>
    </message>
    <message>
      <source>Exporting took more than {0} GiB of memory and was stopped</source>
      <translation>导出占用内存超过 {0} GiB，已停止</translation>
    </message>
    <message>
      <source>Factoring</source>
      <translation>正在分解</translation>
    </message>
    <message>
      <source>Factoring {0}</source>
      <translation>正在分解 {0}</translation>
    </message>
    <message>
      <source>Find the axes of the samples by their lengths</source>
      <translation>按长度判断样本的轴</translation>
    </message>
    <message>
      <source>Fine-tune</source>
      <translation>微调</translation>
    </message>
    <message>
      <source>Fine-tuning learns from labels, and this data has none</source>
      <translation>微调要从标签学习，而此数据没有标签</translation>
    </message>
    <message>
      <source>First label</source>
      <translation>首个标签</translation>
    </message>
    <message>
      <source>Fit to outputs</source>
      <translation>拟合输出</translation>
    </message>
    <message>
      <source>Fit {0} to a budget</source>
      <translation>按预算适配 {0}</translation>
    </message>
    <message>
      <source>Fitting</source>
      <translation>正在拟合</translation>
    </message>
    <message>
      <source>Fitting {0}</source>
      <translation>正在拟合 {0}</translation>
    </message>
    <message>
      <source>Five looks</source>
      <translation>查看五次</translation>
    </message>
    <message>
      <source>Fix the input</source>
      <translation>固定输入</translation>
    </message>
    <message>
      <source>Fix the input that it depends on to a constant.</source>
      <translation>请将其所依赖的输入固定为常量。</translation>
    </message>
    <message>
      <source>Float</source>
      <translation>浮点</translation>
    </message>
    <message>
      <source>Float share of activations</source>
      <translation>激活保持浮点的比例</translation>
    </message>
    <message>
      <source>Folders left out: {0}.</source>
      <translation>略过的文件夹：{0}。</translation>
    </message>
    <message>
      <source>For obs in layers too large for exact elimination: columns that are chosen from at once.</source>
      <translation>用于 obs，针对太大而无法精确消去的层：一次从多少列中选择。</translation>
    </message>
    <message>
      <source>For obs: added to the inputs' second moments, as a part of their mean. More keeps solved weights nearer to the original ones; use it where there are few samples.</source>
      <translation>用于 obs：加到输入二阶矩上的量，以其均值的比例表示。越大，求解出的权重越接近原值；样本较少时使用。</translation>
    </message>
    <message>
      <source>For obs: the weights that stay are solved anew, so that the layer gives what it gave in the original network. Otherwise they stay as they are.</source>
      <translation>用于 obs：重新求解保留的权重，使该层给出与原始网络相同的输出。否则保持不变。</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>Free some memory, then try again.</source>
      <translation>请释放一些内存后重试。</translation>
    </message>
    <message>
      <source>Free some room, or let TMPDIR name a folder on a larger disk.</source>
      <translation>请腾出空间，或将 TMPDIR 设为更大磁盘上的文件夹。</translation>
    </message>
    <message>
      <source>Freeze batch norm</source>
      <translation>冻结批归一化</translation>
    </message>
    <message>
      <source>Geometric median</source>
      <translation>几何中位数</translation>
    </message>
    <message>
      <source>Give --data.</source>
      <translation>请指定 --data。</translation>
    </message>
    <message>
      <source>Give a data set with --data, or choose criterion: magnitude, compensate: false and reestimate_norms: false.</source>
      <translation>请用 --data 指定数据集，或选择 criterion: magnitude、compensate: false 和 reestimate_norms: false。</translation>
    </message>
    <message>
      <source>Give a data set with --data, or choose the criterion magnitude.</source>
      <translation>请用 --data 指定数据集，或选择准则 magnitude。</translation>
    </message>
    <message>
      <source>Give a data set with --data.</source>
      <translation>请用 --data 指定数据集。</translation>
    </message>
    <message>
      <source>Give a number, true, false, or as many numbers as it has elements.</source>
      <translation>请提供一个数字、true、false，或与其元素个数相同的数字。</translation>
    </message>
    <message>
      <source>Give a target, such as --size 25%.</source>
      <translation>请给出目标，例如 --size 25%。</translation>
    </message>
    <message>
      <source>Give calibration data with --data; labels are not needed.</source>
      <translation>请用 --data 给出校准数据；不需要标签。</translation>
    </message>
    <message>
      <source>Give each its own name.</source>
      <translation>请为每一列取不同的名称。</translation>
    </message>
    <message>
      <source>Give it (3x224x224), or write input_shape into a JSON of the same name beside it.</source>
      <translation>请直接给出（3x224x224），或在旁边的同名 JSON 中写入 input_shape。</translation>
    </message>
    <message>
      <source>Give it with --data, or ask for one.</source>
      <translation>请用 --data 给出，或只要求一轮。</translation>
    </message>
    <message>
      <source>Give it without the batch, as {0}=3x224x224.</source>
      <translation>请按不含批次的形式给出，如 {0}=3x224x224。</translation>
    </message>
    <message>
      <source>Give labels that go with the network's first output, or learn from the original network alone with the method soft_targets.</source>
      <translation>请提供与网络第一个输出对应的标签，或用 soft_targets 方法仅向原始网络学习。</translation>
    </message>
    <message>
      <source>Give more data.</source>
      <translation>请提供更多数据。</translation>
    </message>
    <message>
      <source>Give one file or folder, or two .npy files (inputs and labels).</source>
      <translation>请提供一个文件或文件夹，或两个 .npy 文件（输入和标签）。</translation>
    </message>
    <message>
      <source>Give one number, or one per channel.</source>
      <translation>请提供一个数字，或每个通道一个。</translation>
    </message>
    <message>
      <source>Give sizes only where the file leaves them open.</source>
      <translation>只在文件未确定尺寸之处给出尺寸。</translation>
    </message>
    <message>
      <source>Give some seconds.</source>
      <translation>请给出若干秒。</translation>
    </message>
    <message>
      <source>Give the code that builds the network, as FILE.py:FACTORY.</source>
      <translation>请给出构建网络的代码，形式为 FILE.py:FACTORY。</translation>
    </message>
    <message>
      <source>Give the file a variable or function without arguments called dataset, or train and test, whose value has __len__ and __getitem__ and gives (input, label).</source>
      <translation>请在文件中提供名为 dataset 的变量或无参数函数，或者 train 和 test；其值须具有 __len__ 和 __getitem__，并给出 (input, label)。</translation>
    </message>
    <message>
      <source>Give the shape that it was made for.</source>
      <translation>请给出制作时所用的形状。</translation>
    </message>
    <message>
      <source>Give the share of the channels: “target: channels”.</source>
      <translation>请给出通道的比例：“target: channels”。</translation>
    </message>
    <message>
      <source>Gradient limit</source>
      <translation>梯度上限</translation>
    </message>
    <message>
      <source>Granularity</source>
      <translation>粒度</translation>
    </message>
    <message>
      <source>Graph of {0}</source>
      <translation>{0} 的图</translation>
    </message>
    <message>
      <source>Group</source>
      <translation>组</translation>
    </message>
    <message>
      <source>Group size</source>
      <translation>组大小</translation>
    </message>
    <message>
      <source>Group {0} has units 0 to {1}, not {2}</source>
      <translation>组 {0} 的单元为 0 到 {1}，没有 {2}</translation>
    </message>
    <message>
      <source>Groups are named after their first layer; see the layer table</source>
      <translation>组以其第一个层命名；参见层表</translation>
    </message>
    <message>
      <source>Groups of {0} do not divide the {1} input {2}{3}.</source>
      <translation>{0} 个一组无法整除{3} {1} 个输入{2}。</translation>
    </message>
    <message>
      <source>Half precision</source>
      <translation>半精度</translation>
    </message>
    <message>
      <source>Handing the network over</source>
      <translation>正在移交网络</translation>
    </message>
    <message>
      <source>Height and width of the center that is kept.</source>
      <translation>保留的中央部分的高度和宽度。</translation>
    </message>
    <message>
      <source>Height and width that the image is stretched to.</source>
      <translation>图像拉伸到的高度和宽度。</translation>
    </message>
    <message>
      <source>Here is text that is not Unicode</source>
      <translation>此处有不是 Unicode 的文本</translation>
    </message>
    <message>
      <source>Hints</source>
      <translation>提示</translation>
    </message>
    <message>
      <source>How an image is brought to size.</source>
      <translation>如何将图像调整到所需尺寸。</translation>
    </message>
    <message>
      <source>How channels are scored. reconstruction is the strongest where there is calibration data: it removes what the next layers can best do without.</source>
      <translation>通道的评分方式。有校准数据时 reconstruction 最强：它移除的是后续各层最不需要的通道。</translation>
    </message>
    <message>
      <source>How layers with the same settings share the zeros. uniform: the same share in each. global: one threshold of the criterion for all. balanced: where the predicted loss of the network is least, which needs calibration data.</source>
      <translation>设置相同的层之间如何分配零。uniform：每层比例相同。global：所有层使用同一个准则阈值。balanced：使网络的预测损失最小，需要校准数据。</translation>
    </message>
    <message>
      <source>How many terms to keep, with rank by number.</source>
      <translation>保留的项数，用于按数值确定秩时。</translation>
    </message>
    <message>
      <source>How the learning rate changes over the training.</source>
      <translation>训练过程中学习率的变化方式。</translation>
    </message>
    <message>
      <source>How weights follow their gradients.</source>
      <translation>权重如何随梯度更新。</translation>
    </message>
    <message>
      <source>How weights follow their gradients; Adam's steps suit networks whose batch norms are folded.</source>
      <translation>权重如何随梯度更新；Adam 的步长适合批归一化已折叠的网络。</translation>
    </message>
    <message>
      <source>If that is really its size, store it with numpy.savez instead.</source>
      <translation>如果这确实是其大小，请改用 numpy.savez 存储。</translation>
    </message>
    <message>
      <source>If you trust whoever wrote it, say so (--trust).</source>
      <translation>如果您信任编写它的人，请加以说明 (--trust)。</translation>
    </message>
    <message>
      <source>Images are converted to {0}.</source>
      <translation>图像已转换为 {0}。</translation>
    </message>
    <message>
      <source>Images outside the class folders are left out.</source>
      <translation>类别文件夹之外的图像已略过。</translation>
    </message>
    <message>
      <source>In the preprocessing file, {0}.</source>
      <translation>在预处理文件中写入 {0}。</translation>
    </message>
    <message>
      <source>In which order are the axes of the input?</source>
      <translation>输入的轴是什么顺序？</translation>
    </message>
    <message>
      <source>In {0} s no setting could be measured: running the original and making the changes take longer than that; give more time.</source>
      <translation>{0} 秒内没有测得任何设置：运行原始网络并生成各种改动所需的时间更长；请给更多时间。</translation>
    </message>
    <message>
      <source>Input columns</source>
      <translation>输入列</translation>
    </message>
    <message>
      <source>Input shape</source>
      <translation>输入形状</translation>
    </message>
    <message>
      <source>Input {0} has a dimension of size zero, so the network cannot run</source>
      <translation>输入 {0} 有一个大小为零的维度，因此网络无法运行</translation>
    </message>
    <message>
      <source>Input {0} has {1} dimensions without the batch, not {2}</source>
      <translation>输入 {0} 不计批次有 {1} 个维度，而不是 {2} 个</translation>
    </message>
    <message>
      <source>Input {0} is a sequence, not a tensor</source>
      <translation>输入 {0} 是序列，而不是张量</translation>
    </message>
    <message>
      <source>Input {0} is fixed to {1}.</source>
      <translation>输入 {0} 固定为 {1}。</translation>
    </message>
    <message>
      <source>Input {0} is of type {1}, which cannot be computed with</source>
      <translation>输入 {0} 的类型为 {1}，无法用于计算</translation>
    </message>
    <message>
      <source>Input {0} is {1} in the file, without the batch, not {2}</source>
      <translation>输入 {0} 在文件中不计批次为 {1}，而不是 {2}</translation>
    </message>
    <message>
      <source>It belongs to no channel group.</source>
      <translation>它不属于任何通道组。</translation>
    </message>
    <message>
      <source>It can be looked at, but not run or changed</source>
      <translation>可以查看，但无法运行或更改</translation>
    </message>
    <message>
      <source>It could not be compared with ONNX Runtime: {0}</source>
      <translation>无法与 ONNX Runtime 比较：{0}</translation>
    </message>
    <message>
      <source>It does not say “espalier: 1”</source>
      <translation>没有写明“espalier: 1”</translation>
    </message>
    <message>
      <source>It has a single input or output channel: there is nothing to reduce.</source>
      <translation>它只有一个输入或输出通道：没有可缩减的内容。</translation>
    </message>
    <message>
      <source>It has more than {0} values</source>
      <translation>它有超过 {0} 个值</translation>
    </message>
    <message>
      <source>It has no weights.</source>
      <translation>它没有权重。</translation>
    </message>
    <message>
      <source>It has {0}</source>
      <translation>它有 {0}</translation>
    </message>
    <message>
      <source>It has {0}.</source>
      <translation>它具有 {0}。</translation>
    </message>
    <message>
      <source>It is damaged, or made to overwhelm its reader.</source>
      <translation>它已损坏，或是为使读取程序崩溃而制作的。</translation>
    </message>
    <message>
      <source>It is damaged, or made to run code: export the model again with torch.export.</source>
      <translation>它已损坏，或是为运行代码而制作的：请用 torch.export 重新导出模型。</translation>
    </message>
    <message>
      <source>It is damaged, or was written by another version of this program.</source>
      <translation>它已损坏，或由本程序的其他版本写出。</translation>
    </message>
    <message>
      <source>It is nested more than {0} deep</source>
      <translation>其嵌套超过 {0} 层</translation>
    </message>
    <message>
      <source>It is nested too deeply</source>
      <translation>其嵌套过深</translation>
    </message>
    <message>
      <source>It is not known what settings cost</source>
      <translation>设置的代价未知</translation>
    </message>
    <message>
      <source>It is open in another window.</source>
      <translation>它已在另一个窗口中打开。</translation>
    </message>
    <message>
      <source>It is the tokenizer.json that the `tokenizers` library saves.</source>
      <translation>它是 `tokenizers` 程序库保存的 tokenizer.json。</translation>
    </message>
    <message>
      <source>It is written for version {0} of the format; this program reads version {1}</source>
      <translation>它按格式的版本 {0} 编写；本程序读取版本 {1}</translation>
    </message>
    <message>
      <source>It looks like {"layout": "NCHW", "scale": 0.0039, "mean": [0], "std": [1]}.</source>
      <translation>其形式如 {"layout": "NCHW", "scale": 0.0039, "mean": [0], "std": [1]}。</translation>
    </message>
    <message>
      <source>It must return its outputs</source>
      <translation>必须返回其输出</translation>
    </message>
    <message>
      <source>It must return the network, and take no arguments.</source>
      <translation>必须返回网络，且不带参数。</translation>
    </message>
    <message>
      <source>It opens for inspection and for what changes weights alone; to train or prune it, export it without this part.</source>
      <translation>它可以打开用于检查和仅更改权重的处理；要训练或剪枝，请去掉这一部分后导出。</translation>
    </message>
    <message>
      <source>It resets before the recurrence (linear_before_reset=0), which PyTorch's GRU does not, so it is unrolled step by step</source>
      <translation>它在循环之前重置 (linear_before_reset=0)，而 PyTorch 的 GRU 并非如此，因此逐步展开</translation>
    </message>
    <message>
      <source>It stands free in the graph: nothing goes in, and what comes out is always the same.</source>
      <translation>它在图中孤立存在：没有输入，输出始终相同。</translation>
    </message>
    <message>
      <source>It was not opened.</source>
      <translation>未打开它。</translation>
    </message>
    <message>
      <source>It was not read. Put the data beside the model.</source>
      <translation>未读取它。请将数据放在模型旁边。</translation>
    </message>
    <message>
      <source>Its channels cannot be removed one by one.</source>
      <translation>其通道不能逐个移除。</translation>
    </message>
    <message>
      <source>Its input is numbers of rows, which are integers as they are.</source>
      <translation>其输入是行号，本来就是整数。</translation>
    </message>
    <message>
      <source>Its kernel is a point, a single row or a single column: there is nothing to divide.</source>
      <translation>它的卷积核只有一个点、一行或一列，没有可拆分的内容。</translation>
    </message>
    <message>
      <source>Its outputs differ from ONNX Runtime's by up to {0} of the largest value; measure on the exported file.</source>
      <translation>其输出与 ONNX Runtime 的差异最大达最大值的 {0}；请在导出的文件上测量。</translation>
    </message>
    <message>
      <source>Its samples are floating-point numbers, taken to be prepared already.</source>
      <translation>其样本为浮点数，视为已经过预处理。</translation>
    </message>
    <message>
      <source>Its values are not channels of the network.</source>
      <translation>其值不是网络的通道。</translation>
    </message>
    <message>
      <source>Its weights are NaN or infinite.</source>
      <translation>其权重为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>Its weights are a single row or column: there is nothing to factor.</source>
      <translation>其权重只有一行或一列：没有可分解的内容。</translation>
    </message>
    <message>
      <source>Its weights are already quantized in the file; it runs as a float simulation</source>
      <translation>其权重在文件中已量化；以浮点模拟方式运行</translation>
    </message>
    <message>
      <source>Its weights are stored as constants, so they are not trained.</source>
      <translation>其权重存储为常量，因此不参与训练。</translation>
    </message>
    <message>
      <source>Its weights are {0} already.</source>
      <translation>其权重已是 {0}。</translation>
    </message>
    <message>
      <source>Its weights are {0} already; grids are made from full precision.</source>
      <translation>其权重已是 {0}；量化网格须由全精度得出。</translation>
    </message>
    <message>
      <source>Its weights are {0}, not float.</source>
      <translation>其权重为 {0}，不是浮点。</translation>
    </message>
    <message>
      <source>JSON text</source>
      <translation>JSON 文本</translation>
    </message>
    <message>
      <source>Keep a multiple of this many channels. 0: of 16, or in narrow groups 8 or 4: what processors compute at once, so that what is removed is also gained in time.</source>
      <translation>保留的通道数为此值的倍数。0：16 的倍数，在较窄的组中为 8 或 4，即处理器一次计算的个数，使被移除的部分真正换来时间上的收益。</translation>
    </message>
    <message>
      <source>Keep a multiple of this many terms where there are as many; fewer, never more. Processors compute 8 or 16 at once, and other numbers have to be packed anew between layers.</source>
      <translation>若项数足够多，则保留此数的整数倍；只会更少，不会更多。处理器一次计算 8 或 16 个，其他数目需要在层与层之间重新排列。</translation>
    </message>
    <message>
      <source>Keep at least this many channels (or heads) of each group.</source>
      <translation>每组至少保留这么多通道（或注意力头）。</translation>
    </message>
    <message>
      <source>Keep its running mean and variance, and use them while training.</source>
      <translation>保持其滑动均值和方差，并在训练时使用。</translation>
    </message>
    <message>
      <source>Keep one of them.</source>
      <translation>请保留其中一个。</translation>
    </message>
    <message>
      <source>Keep the mean of each output; a layer without a bias gets one.</source>
      <translation>保持每个输出的均值；没有偏置的层会得到一个。</translation>
    </message>
    <message>
      <source>Keeps n of every m neighboring weights, as sparse tensor cores want it; on other runtimes the zeros save nothing.</source>
      <translation>按稀疏张量核心的要求，每 m 个相邻权重保留 n 个；在其他运行时上，这些零不会带来节省。</translation>
    </message>
    <message>
      <source>Kept</source>
      <translation>保留数</translation>
    </message>
    <message>
      <source>Label column</source>
      <translation>标签列</translation>
    </message>
    <message>
      <source>Label smoothing</source>
      <translation>标签平滑</translation>
    </message>
    <message>
      <source>Labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>Labels are arrays, one per sample.</source>
      <translation>标签为数组，每个样本一个。</translation>
    </message>
    <message>
      <source>Labels are one-hot.</source>
      <translation>标签为独热编码。</translation>
    </message>
    <message>
      <source>Labels are values to predict.</source>
      <translation>标签为要预测的数值。</translation>
    </message>
    <message>
      <source>Labels of shape {0} do not fit an output of shape {1}</source>
      <translation>形状为 {0} 的标签不适合形状为 {1} 的输出</translation>
    </message>
    <message>
      <source>Largest inputs first</source>
      <translation>输入最大者优先</translation>
    </message>
    <message>
      <source>Latency could not be measured: {0}</source>
      <translation>无法测量延迟：{0}</translation>
    </message>
    <message>
      <source>Layer by layer</source>
      <translation>逐层</translation>
    </message>
    <message>
      <source>Layer {0}</source>
      <translation>层 {0}</translation>
    </message>
    <message>
      <source>Layer {0} has a single channel.</source>
      <translation>层 {0} 只有一个通道。</translation>
    </message>
    <message>
      <source>Layer {0}: {1}.</source>
      <translation>层 {0}：{1}。</translation>
    </message>
    <message>
      <source>Learn activation ranges</source>
      <translation>学习激活范围</translation>
    </message>
    <message>
      <source>Learn biases</source>
      <translation>学习偏置</translation>
    </message>
    <message>
      <source>Learn the steps</source>
      <translation>学习步长</translation>
    </message>
    <message>
      <source>Learn weight scales</source>
      <translation>学习权重缩放</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>Learning the rounding of blocks</source>
      <translation>正在学习各块的取整</translation>
    </message>
    <message>
      <source>Learning the rounding of the network</source>
      <translation>正在学习网络的取整</translation>
    </message>
    <message>
      <source>Least squared error</source>
      <translation>最小平方误差</translation>
    </message>
    <message>
      <source>Leave at least one</source>
      <translation>请至少保留一个</translation>
    </message>
    <message>
      <source>Leave at least one in each part of the split</source>
      <translation>请在划分的每一部分中至少保留一个</translation>
    </message>
    <message>
      <source>Leave that preprocessing aside</source>
      <translation>忽略该预处理</translation>
    </message>
    <message>
      <source>Leave the labels out, and compare it with the original network.</source>
      <translation>请去掉标签，改为与原始网络比较。</translation>
    </message>
    <message>
      <source>Leave the scale of the values alone</source>
      <translation>不改变数值的缩放</translation>
    </message>
    <message>
      <source>Leave this target out.</source>
      <translation>请去掉此目标。</translation>
    </message>
    <message>
      <source>Left out: {0}</source>
      <translation>已略过：{0}</translation>
    </message>
    <message>
      <source>Let the biases follow the rounded weights.</source>
      <translation>让偏置随取整后的权重调整。</translation>
    </message>
    <message>
      <source>Linear</source>
      <translation>线性</translation>
    </message>
    <message>
      <source>List {0}</source>
      <translation>列出 {0}</translation>
    </message>
    <message>
      <source>Listing layers</source>
      <translation>正在列出各层</translation>
    </message>
    <message>
      <source>Listing {0}/{1}</source>
      <translation>正在列出 {0}/{1}</translation>
    </message>
    <message>
      <source>Loading libraries</source>
      <translation>正在载入程序库</translation>
    </message>
    <message>
      <source>Loading methods</source>
      <translation>正在载入方法</translation>
    </message>
    <message>
      <source>Loading the model</source>
      <translation>正在载入模型</translation>
    </message>
    <message>
      <source>Loading the network</source>
      <translation>正在载入网络</translation>
    </message>
    <message>
      <source>Longer gradients are shortened to this length; empty: no limit.</source>
      <translation>将更长的梯度缩短到此长度；留空：无限制。</translation>
    </message>
    <message>
      <source>Longest text</source>
      <translation>文本最大长度</translation>
    </message>
    <message>
      <source>Look at data</source>
      <translation>查看数据</translation>
    </message>
    <message>
      <source>Look at samples</source>
      <translation>查看样本</translation>
    </message>
    <message>
      <source>Look at the Python code that it runs, or copy the file again if that is sound.</source>
      <translation>请检查它运行的 Python 代码；如果代码没有问题，请重新复制该文件。</translation>
    </message>
    <message>
      <source>Look at {0}</source>
      <translation>查看 {0}</translation>
    </message>
    <message>
      <source>Look for NaN or infinity in its weights, in the data and in the preprocessing.</source>
      <translation>请查看其权重、数据和预处理中是否有 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>Look for an unclosed quote.</source>
      <translation>请查找未闭合的引号。</translation>
    </message>
    <message>
      <source>Look for layers with NaN or infinite weights, or check the data.</source>
      <translation>请查找含 NaN 或无穷权重的层，或检查数据。</translation>
    </message>
    <message>
      <source>Look into {0}</source>
      <translation>检查 {0}</translation>
    </message>
    <message>
      <source>Look whether the files are damaged.</source>
      <translation>请查看文件是否损坏。</translation>
    </message>
    <message>
      <source>Looking at activations</source>
      <translation>正在查看激活</translation>
    </message>
    <message>
      <source>Looking at gradients</source>
      <translation>正在查看梯度</translation>
    </message>
    <message>
      <source>Looking at settings</source>
      <translation>正在查看设置</translation>
    </message>
    <message>
      <source>Looking at the file</source>
      <translation>正在查看文件</translation>
    </message>
    <message>
      <source>Looking at weights</source>
      <translation>正在查看权重</translation>
    </message>
    <message>
      <source>Looking for channel groups</source>
      <translation>正在查找通道组</translation>
    </message>
    <message>
      <source>Looking for what is possible</source>
      <translation>正在查找可行范围</translation>
    </message>
    <message>
      <source>Looking for what was not tried yet</source>
      <translation>正在寻找尚未试过的方案</translation>
    </message>
    <message>
      <source>Losses</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Lower the learning rate ({0}), or set a gradient limit.</source>
      <translation>请降低学习率（{0}），或设置梯度上限。</translation>
    </message>
    <message>
      <source>Lower the ratio, prune more layers, or allow fewer channels to stay.</source>
      <translation>请降低比例、剪枝更多的层，或允许保留更少的通道。</translation>
    </message>
    <message>
      <source>Magnitude</source>
      <translation>幅值</translation>
    </message>
    <message>
      <source>Make room, or save the project elsewhere.</source>
      <translation>请腾出空间，或将项目保存到其他位置。</translation>
    </message>
    <message>
      <source>Make room, or set TMPDIR to a folder that may be written to.</source>
      <translation>请腾出空间，或将 TMPDIR 设为可写入的文件夹。</translation>
    </message>
    <message>
      <source>Make room, or set TMPDIR to a folder with more.</source>
      <translation>请腾出空间，或将 TMPDIR 设为空间更大的文件夹。</translation>
    </message>
    <message>
      <source>Makes single weights zero: the file gets smaller only where it is stored packed, and nothing gets faster on a runtime without sparse kernels.</source>
      <translation>将单个权重置零：只有打包存储时文件才会变小；没有稀疏内核的运行时不会变快。</translation>
    </message>
    <message>
      <source>Mean and std are not given: 0 and 1 are used.</source>
      <translation>未给出均值和标准差：使用 0 和 1。</translation>
    </message>
    <message>
      <source>Mean and std have {0} numbers, and the samples have {1} {2}.</source>
      <translation>均值和标准差有 {0} 个数字，而样本有 {1} 个{2}。</translation>
    </message>
    <message>
      <source>Means and variances of batch norms are measured again on the calibration data, where no compensation has taken care of them.</source>
      <translation>用校准数据重新测量补偿未涉及的批归一化的均值和方差。</translation>
    </message>
    <message>
      <source>Measure costs of {0}</source>
      <translation>测量 {0} 的代价</translation>
    </message>
    <message>
      <source>Measure the mean and variance of batch norms anew on calibration data, or without batch norm correct those of each channel. Layers that compensation has solved anew match the original already and are left alone.</source>
      <translation>用校准数据重新测量批归一化的均值和方差；没有批归一化时，校正每个通道的均值和方差。补偿已重新求解的层与原始网络一致，不再处理。</translation>
    </message>
    <message>
      <source>Measures mean and variance of every batch norm anew on the calibration samples, after pruning or rounding has changed what it sees; without batch norms, gives channels the mean and variance that they have in the original. Takes seconds, needs no labels.</source>
      <translation>剪枝或取整改变了批归一化的输入后，用校准样本重新测量其均值和方差；没有批归一化时，使各通道的均值和方差与原始网络相同。只需数秒，不需要标签。</translation>
    </message>
    <message>
      <source>Measuring norms anew</source>
      <translation>正在重新测量归一化</translation>
    </message>
    <message>
      <source>Measuring sensitivity</source>
      <translation>正在测量敏感度</translation>
    </message>
    <message>
      <source>Measuring settings</source>
      <translation>正在测量设置</translation>
    </message>
    <message>
      <source>Mend it.</source>
      <translation>请更正它。</translation>
    </message>
    <message>
      <source>Mend or remove them.</source>
      <translation>请修正或移除它们。</translation>
    </message>
    <message>
      <source>Mend that row.</source>
      <translation>请更正该行。</translation>
    </message>
    <message>
      <source>Mend the cell, or name other input columns.</source>
      <translation>请更正该单元格，或指定其他输入列。</translation>
    </message>
    <message>
      <source>Merge keys (“&lt;&lt;”) are not read; write the fields out</source>
      <translation>不支持合并键（“&lt;&lt;”）；请写出各字段</translation>
    </message>
    <message>
      <source>Minimum</source>
      <translation>最小值</translation>
    </message>
    <message>
      <source>Mirror</source>
      <translation>镜像</translation>
    </message>
    <message>
      <source>Momentum</source>
      <translation>动量</translation>
    </message>
    <message>
      <source>More rounds need data to measure on</source>
      <translation>多轮需要用于测量的数据</translation>
    </message>
    <message>
      <source>Moves scales between neighboring layers so that their channels have similar ranges; the function stays the same. Helps where weights share one scale.</source>
      <translation>在相邻层之间转移缩放系数，使其通道范围相近；函数不变。适用于权重共用一个缩放系数的情形。</translation>
    </message>
    <message>
      <source>Multiply pixels by 1/255</source>
      <translation>将像素乘以 1/255</translation>
    </message>
    <message>
      <source>N:M pruning</source>
      <translation>N:M 剪枝</translation>
    </message>
    <message>
      <source>Name a data set with --data, or an original with --reference.</source>
      <translation>请用 --data 指定数据集，或用 --reference 指定原始模型。</translation>
    </message>
    <message>
      <source>Name a data set with --data.</source>
      <translation>请用 --data 指定数据集。</translation>
    </message>
    <message>
      <source>Name a data set, or set input_shape.</source>
      <translation>请指定数据集，或设置 input_shape。</translation>
    </message>
    <message>
      <source>Name another file, or move this one away.</source>
      <translation>请指定其他文件，或移走这个文件。</translation>
    </message>
    <message>
      <source>Name its parent.</source>
      <translation>请指定其上级文件夹。</translation>
    </message>
    <message>
      <source>Name of the network's input.</source>
      <translation>网络输入的名称。</translation>
    </message>
    <message>
      <source>Name one input column.</source>
      <translation>请指定一个输入列。</translation>
    </message>
    <message>
      <source>Name one of the files in it ({0}).</source>
      <translation>请指定其中的一个文件（{0}）。</translation>
    </message>
    <message>
      <source>Name one of them.</source>
      <translation>请指定其中一个。</translation>
    </message>
    <message>
      <source>Name one of these.</source>
      <translation>请指定其中之一。</translation>
    </message>
    <message>
      <source>Name one.</source>
      <translation>请指定一个。</translation>
    </message>
    <message>
      <source>Name the columns or arrays that belong to the inputs.</source>
      <translation>请指定属于输入的列或数组。</translation>
    </message>
    <message>
      <source>Name the inputs x, or x_train and x_test.</source>
      <translation>请将输入命名为 x，或 x_train 和 x_test。</translation>
    </message>
    <message>
      <source>Name the label column, or give the original network as reference.</source>
      <translation>请指定标签列，或以原始网络作为参照。</translation>
    </message>
    <message>
      <source>Name the label column.</source>
      <translation>请指定标签列。</translation>
    </message>
    <message>
      <source>Name the label column; or the input columns, if there are no labels.</source>
      <translation>请指定标签列；没有标签时请指定输入列。</translation>
    </message>
    <message>
      <source>Name the layers: “layers: conv1”.</source>
      <translation>请指明层：“layers: conv1”。</translation>
    </message>
    <message>
      <source>Name them x and y, or x_train, y_train, x_test and y_test.</source>
      <translation>请命名为 x 和 y，或 x_train、y_train、x_test 和 y_test。</translation>
    </message>
    <message>
      <source>Nearest</source>
      <translation>最近</translation>
    </message>
    <message>
      <source>Neighboring input channels that form a group, at each position of the kernel. Graphics processors from NVIDIA have kernels for 2 of 4.</source>
      <translation>在卷积核的每个位置上组成一组的相邻输入通道。NVIDIA 图形处理器有 2:4 的内核。</translation>
    </message>
    <message>
      <source>Neighbors that share a scale, where the granularity is group.</source>
      <translation>粒度为 group 时，共用一个缩放系数的相邻权重数。</translation>
    </message>
    <message>
      <source>Nesterov</source>
      <translation>Nesterov</translation>
    </message>
    <message>
      <source>Networks are not written as {0}</source>
      <translation>网络不能写出为 {0}</translation>
    </message>
    <message>
      <source>Networks with numeric inputs can be measured.</source>
      <translation>输入为数值的网络才能测量。</translation>
    </message>
    <message>
      <source>No channels of {0} can be removed: {1}</source>
      <translation>无法移除 {0} 的通道：{1}</translation>
    </message>
    <message>
      <source>No class name in the data ({0}) is among the labels ({1}); they are paired in sorted order.</source>
      <translation>数据中的类别名称（{0}）均不在标签（{1}）之中；按排序后的顺序配对。</translation>
    </message>
    <message>
      <source>No layer was changed: each is skipped or has a reason against it.</source>
      <translation>没有层被更改：每个层都被排除，或有不能处理的原因。</translation>
    </message>
    <message>
      <source>No limit</source>
      <translation>无限制</translation>
    </message>
    <message>
      <source>No method is called “{0}”</source>
      <translation>没有名为“{0}”的方法</translation>
    </message>
    <message>
      <source>No network can be made of this file</source>
      <translation>无法由此文件构成网络</translation>
    </message>
    <message>
      <source>No network is open.</source>
      <translation>没有打开的网络。</translation>
    </message>
    <message>
      <source>No other network can be read here</source>
      <translation>此处无法读取其他网络</translation>
    </message>
    <message>
      <source>No place inside the network has the shape that it has in its teacher: it learns from answers alone.</source>
      <translation>网络内部没有与教师形状相同的位置：只能从答案学习。</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>None of the samples of {0} can be read.</source>
      <translation>{0} 的样本均无法读取。</translation>
    </message>
    <message>
      <source>Norm</source>
      <translation>范数</translation>
    </message>
    <message>
      <source>Nothing in the network is quantized yet</source>
      <translation>网络中尚无任何量化内容</translation>
    </message>
    <message>
      <source>NumPy arrays (.npz): data rather than a model</source>
      <translation>NumPy 数组 (.npz)：是数据而不是模型</translation>
    </message>
    <message>
      <source>Number of the token that fills up.</source>
      <translation>用于填充的标记的编号。</translation>
    </message>
    <message>
      <source>OBS (second order)</source>
      <translation>OBS（二阶）</translation>
    </message>
    <message>
      <source>ONNX (.onnx), exported programs (.pt2), TorchScript and pickled modules (.pt, .pth), and weights (.safetensors, .pt, .pth)</source>
      <translation>ONNX (.onnx)、导出程序 (.pt2)、TorchScript 和 pickle 模块 (.pt、.pth) 以及权重 (.safetensors、.pt、.pth)</translation>
    </message>
    <message>
      <source>ONNX Runtime cannot open {0}, whose name is not UTF-8 text</source>
      <translation>ONNX Runtime 无法打开 {0}，其名称不是 UTF-8 文本</translation>
    </message>
    <message>
      <source>ONNX Runtime does not load {0}: {1}</source>
      <translation>ONNX Runtime 无法载入 {0}：{1}</translation>
    </message>
    <message>
      <source>ONNX Runtime {0}</source>
      <translation>ONNX Runtime {0}</translation>
    </message>
    <message>
      <source>ONNX Runtime's profile holds no run</source>
      <translation>ONNX Runtime 的性能记录中没有任何运行</translation>
    </message>
    <message>
      <source>Of SGD; Adam's first moment likewise.</source>
      <translation>用于 SGD；Adam 的一阶矩同理。</translation>
    </message>
    <message>
      <source>Of a table: the column with the answer.</source>
      <translation>用于表格：答案所在的列。</translation>
    </message>
    <message>
      <source>Of a table: the columns that go in.</source>
      <translation>用于表格：作为输入的列。</translation>
    </message>
    <message>
      <source>Of gptq and adaround.</source>
      <translation>用于 gptq 和 adaround。</translation>
    </message>
    <message>
      <source>Of the filters, for the criterion magnitude.</source>
      <translation>滤波器的范数，用于准则 magnitude。</translation>
    </message>
    <message>
      <source>Of the loss on what the teacher computes inside, where both networks have values of the same shape; it comes on top of the others. 0: answers alone.</source>
      <translation>针对教师内部计算值的损失的权重，用于两个网络中形状相同的值；附加在其他损失之上。0：仅使用答案。</translation>
    </message>
    <message>
      <source>Of the loss on what the teacher computes inside, where both networks have values of the same shape; it comes on top of the others. Empty: the usual one with the original as the teacher, 0 with a file, whose channels may mean other things.</source>
      <translation>针对教师内部计算值的损失的权重，用于两个网络中形状相同的值；附加在其他损失之上。留空：教师为原始网络时取通常的值，教师为文件时取 0，因为其通道可能有不同的含义。</translation>
    </message>
    <message>
      <source>Of the teacher; labels, where there are any, get what is left of 1.</source>
      <translation>教师的权重；如有标签，则标签占 1 的剩余部分。</translation>
    </message>
    <message>
      <source>Of this loss; empty: what the others leave of 1.</source>
      <translation>此损失的权重；留空：其他损失在 1 中剩余的部分。</translation>
    </message>
    <message>
      <source>Of this loss; labels get what is left of 1.</source>
      <translation>此损失的权重；标签占 1 的剩余部分。</translation>
    </message>
    <message>
      <source>On {0} validation samples: {1} before, {2} after {3} of {4} steps, whose state was kept.</source>
      <translation>在 {0} 个验证样本上：训练前 {1}，第 {3} 步（共 {4} 步）后 {2}，保留该状态。</translation>
    </message>
    <message>
      <source>One cycle</source>
      <translation>单周期</translation>
    </message>
    <message>
      <source>One of the losses needs a weight above 0.</source>
      <translation>至少一个损失的权重须大于 0。</translation>
    </message>
    <message>
      <source>Only evaluations with one label per sample can be compared in pairs</source>
      <translation>只有每个样本一个标签的评估才能配对比较</translation>
    </message>
    <message>
      <source>Only one of the losses can be hints.</source>
      <translation>损失中只能有一个 hints。</translation>
    </message>
    <message>
      <source>Only one of the losses can be on the labels.</source>
      <translation>损失中只能有一个针对标签。</translation>
    </message>
    <message>
      <source>Open it again.</source>
      <translation>请重新打开。</translation>
    </message>
    <message>
      <source>Open it instead.</source>
      <translation>请改为打开它。</translation>
    </message>
    <message>
      <source>Open it only if you trust where it comes from (--trust on the command line).</source>
      <translation>只有信任其来源时才应打开它（命令行中为 --trust）。</translation>
    </message>
    <message>
      <source>Open the file again.</source>
      <translation>请重新打开文件。</translation>
    </message>
    <message>
      <source>Open {0}</source>
      <translation>打开 {0}</translation>
    </message>
    <message>
      <source>Opening the sample</source>
      <translation>正在打开示例</translation>
    </message>
    <message>
      <source>Opening {0}</source>
      <translation>正在打开 {0}</translation>
    </message>
    <message>
      <source>Optimizer</source>
      <translation>优化器</translation>
    </message>
    <message>
      <source>Optimizer steps for each block alone, before all are learned together: worth it where the whole network takes too long.</source>
      <translation>在共同学习之前，每个块单独优化的步数：整个网络耗时过长时值得使用。</translation>
    </message>
    <message>
      <source>Optimizer steps that bring the results of all blocks, and the answers, back to the original's; empty: by the number of bits.</source>
      <translation>使所有块的结果及答案回到原始网络的优化步数；留空：由位数决定。</translation>
    </message>
    <message>
      <source>Or say “optional: true” in the rule.</source>
      <translation>或在规则中写上“optional: true”。</translation>
    </message>
    <message>
      <source>Order of a stored sample's axes: HWC, CHW.</source>
      <translation>存储样本的轴顺序：HWC、CHW。</translation>
    </message>
    <message>
      <source>Order of the input's axes: NCHW, NHWC, NCL, NC.</source>
      <translation>输入的轴顺序：NCHW、NHWC、NCL、NC。</translation>
    </message>
    <message>
      <source>Over the whole network</source>
      <translation>整个网络统一</translation>
    </message>
    <message>
      <source>Padding token</source>
      <translation>填充标记</translation>
    </message>
    <message>
      <source>Parsing the graph</source>
      <translation>正在解析图</translation>
    </message>
    <message>
      <source>Passes over the training samples.</source>
      <translation>遍历训练样本的次数。</translation>
    </message>
    <message>
      <source>Percent of the values that fit at either end, where the activation range is percentile.</source>
      <translation>激活范围为 percentile 时，两端各包含的值的百分比。</translation>
    </message>
    <message>
      <source>Percentile</source>
      <translation>百分位</translation>
    </message>
    <message>
      <source>Pixels of the largest shift; empty: an eighth of the image's side.</source>
      <translation>最大平移的像素数；留空：图像边长的八分之一。</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>精度</translation>
    </message>
    <message>
      <source>Predicting losses</source>
      <translation>正在预测损失</translation>
    </message>
    <message>
      <source>Predicting sizes</source>
      <translation>正在预测大小</translation>
    </message>
    <message>
      <source>Profiling the layers</source>
      <translation>正在分析各层性能</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>正在剪枝</translation>
    </message>
    <message>
      <source>Pruning ratio</source>
      <translation>剪枝比例</translation>
    </message>
    <message>
      <source>Pruning {0}</source>
      <translation>正在剪枝 {0}</translation>
    </message>
    <message>
      <source>Pulls weights to zero; biases, norms and scales are left out.</source>
      <translation>将权重拉向零；不包括偏置、归一化和缩放系数。</translation>
    </message>
    <message>
      <source>Put a step uniform before qat: it chooses bits and grids, qat trains them.</source>
      <translation>请在 qat 之前放置步骤 uniform：由它选择位数和量化网格，再由 qat 训练。</translation>
    </message>
    <message>
      <source>Put images into one folder per class, or name another file.</source>
      <translation>请将图像按类别放入各自的文件夹，或指定其他文件。</translation>
    </message>
    <message>
      <source>Put images into one folder per class.</source>
      <translation>请将图像按类别放入各自的文件夹。</translation>
    </message>
    <message>
      <source>Put the file that defines its classes beside it.</source>
      <translation>请将定义其类的文件放在旁边。</translation>
    </message>
    <message>
      <source>Puts a k × 1 and a 1 × k convolution in the place of a k × k one, so that its outputs on real data are nearest to the original's.</source>
      <translation>用一个 k × 1 卷积和一个 1 × k 卷积代替 k × k 卷积，使其在真实数据上的输出最接近原始网络。</translation>
    </message>
    <message>
      <source>Puts a small convolution between two 1 × 1 convolutions in the place of a large one.</source>
      <translation>将大卷积替换为两个 1 × 1 卷积之间的一个小卷积。</translation>
    </message>
    <message>
      <source>Puts two thin layers in the place of one, so that its outputs on real data, not its weights, are nearest to the original's.</source>
      <translation>将一层替换为两个薄层，使其在真实数据上的输出（而不是权重）最接近原始层。</translation>
    </message>
    <message>
      <source>Puts two thin layers in the place of one: the nearest product of low rank.</source>
      <translation>将一层替换为两个薄层：最接近的低秩乘积。</translation>
    </message>
    <message>
      <source>PyTorch {0}</source>
      <translation>PyTorch {0}</translation>
    </message>
    <message>
      <source>Quantization-aware training</source>
      <translation>量化感知训练</translation>
    </message>
    <message>
      <source>Random</source>
      <translation>随机</translation>
    </message>
    <message>
      <source>Random shifts and mirror images; auto: shifts for images, and mirror images too where they are in color. Choose crop for letters, digits and signs.</source>
      <translation>随机平移和镜像；auto：图像作平移，彩色图像再作镜像。字母、数字和标志请选择 crop。</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank by</source>
      <translation>秩的确定方式</translation>
    </message>
    <message>
      <source>Rank of the inputs</source>
      <translation>输入的秩</translation>
    </message>
    <message>
      <source>Rank ratio</source>
      <translation>秩比例</translation>
    </message>
    <message>
      <source>Re-estimate batch norm</source>
      <translation>重新估计批归一化</translation>
    </message>
    <message>
      <source>Re-estimate norms</source>
      <translation>重新估计归一化</translation>
    </message>
    <message>
      <source>Read each sample as {0}</source>
      <translation>将每个样本读作 {0}</translation>
    </message>
    <message>
      <source>Read each vector as {0}</source>
      <translation>将每个向量读作 {0}</translation>
    </message>
    <message>
      <source>Reading answers</source>
      <translation>正在读取答案</translation>
    </message>
    <message>
      <source>Reading calibration data</source>
      <translation>正在读取校准数据</translation>
    </message>
    <message>
      <source>Reading held-out samples</source>
      <translation>正在读取留出样本</translation>
    </message>
    <message>
      <source>Reading samples</source>
      <translation>正在读取样本</translation>
    </message>
    <message>
      <source>Reading the graph</source>
      <translation>正在读取图</translation>
    </message>
    <message>
      <source>Reading the program</source>
      <translation>正在读取程序</translation>
    </message>
    <message>
      <source>Reading the training samples</source>
      <translation>正在读取训练样本</translation>
    </message>
    <message>
      <source>Reading validation samples</source>
      <translation>正在读取验证样本</translation>
    </message>
    <message>
      <source>Reading weights</source>
      <translation>正在读取权重</translation>
    </message>
    <message>
      <source>Reading {0}</source>
      <translation>正在读取 {0}</translation>
    </message>
    <message>
      <source>Reading {0} took longer than {1} seconds and was stopped</source>
      <translation>读取 {0} 用时超过 {1} 秒，已停止</translation>
    </message>
    <message>
      <source>Reading {0} took more than {1} GiB of memory and was stopped</source>
      <translation>读取 {0} 占用内存超过 {1} GiB，已停止</translation>
    </message>
    <message>
      <source>Reading {0} {1}; nothing else was affected</source>
      <translation>读取 {0} 时{1}；其他内容未受影响</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>就绪</translation>
    </message>
    <message>
      <source>Reconstruction</source>
      <translation>重建</translation>
    </message>
    <message>
      <source>Recurrent layers hold several matrices that feed back; they stay float.</source>
      <translation>循环层包含多个反馈矩阵，保持浮点。</translation>
    </message>
    <message>
      <source>Refine the step size of each channel together with the rounding.</source>
      <translation>在取整的同时优化每个通道的步长。</translation>
    </message>
    <message>
      <source>Refine the step size of each quantized activation as well.</source>
      <translation>同时优化每个已量化激活的步长。</translation>
    </message>
    <message>
      <source>Removes whole channels, neurons and attention heads, so that the network gets smaller and faster everywhere.</source>
      <translation>移除整个通道、神经元和注意力头，使网络在任何地方都更小更快。</translation>
    </message>
    <message>
      <source>Removing channels</source>
      <translation>正在移除通道</translation>
    </message>
    <message>
      <source>Rename the file.</source>
      <translation>请重命名该文件。</translation>
    </message>
    <message>
      <source>Repeat gray on three channels</source>
      <translation>将灰度复制到三个通道</translation>
    </message>
    <message>
      <source>Ridge of the least squares, as a part of the mean square of the inputs; raised by itself where there are few samples.</source>
      <translation>最小二乘的岭系数，以输入均方的比例表示；样本较少时自动增大。</translation>
    </message>
    <message>
      <source>RoiAlign's number of samples depends on the regions' sizes</source>
      <translation>RoiAlign 的样本数取决于区域的大小</translation>
    </message>
    <message>
      <source>Round the columns of the strongest inputs first, while all others can still make up for their error.</source>
      <translation>先对输入最强的列取整，此时其余各列仍能弥补其误差。</translation>
    </message>
    <message>
      <source>Round to</source>
      <translation>取整为</translation>
    </message>
    <message>
      <source>Rounding</source>
      <translation>取整</translation>
    </message>
    <message>
      <source>Rounding layer after layer</source>
      <translation>正在逐层取整</translation>
    </message>
    <message>
      <source>Rounding of {0}</source>
      <translation>{0} 的取整</translation>
    </message>
    <message>
      <source>Rounding settings</source>
      <translation>取整设置</translation>
    </message>
    <message>
      <source>Rounding weights</source>
      <translation>正在对权重取整</translation>
    </message>
    <message>
      <source>Run `git lfs pull` in its repository.</source>
      <translation>请在其仓库中运行 `git lfs pull`。</translation>
    </message>
    <message>
      <source>Run one of them again on the other's data.</source>
      <translation>请在另一方的数据上重新运行其中之一。</translation>
    </message>
    <message>
      <source>Run the trial again.</source>
      <translation>请重新运行该试验。</translation>
    </message>
    <message>
      <source>Run {0} of {1}: {2}</source>
      <translation>第 {0} 次试运行，共 {1} 次：{2}</translation>
    </message>
    <message>
      <source>Running the original</source>
      <translation>正在运行原始模型</translation>
    </message>
    <message>
      <source>SGD looks ahead along its momentum.</source>
      <translation>SGD 沿动量方向前瞻。</translation>
    </message>
    <message>
      <source>Samples are not augmented: that is for images with one answer for the whole.</source>
      <translation>样本未作增强：增强只适用于整图对应一个答案的图像。</translation>
    </message>
    <message>
      <source>Samples in each step; a smaller one needs less memory.</source>
      <translation>每一步的样本数；越小所需内存越少。</translation>
    </message>
    <message>
      <source>Samples of {0} are flattened.</source>
      <translation>{0} 的样本被展平。</translation>
    </message>
    <message>
      <source>Save arrays of numbers, or texts with dtype=str.</source>
      <translation>请保存数值数组，或以 dtype=str 保存文本。</translation>
    </message>
    <message>
      <source>Save it again with this version of torch.</source>
      <translation>请用此版本的 torch 重新保存。</translation>
    </message>
    <message>
      <source>Save it as UTF-8 JSON.</source>
      <translation>请保存为 UTF-8 的 JSON。</translation>
    </message>
    <message>
      <source>Save it as UTF-8.</source>
      <translation>请保存为 UTF-8。</translation>
    </message>
    <message>
      <source>Save numpy.ascontiguousarray of it.</source>
      <translation>请保存它的 numpy.ascontiguousarray。</translation>
    </message>
    <message>
      <source>Save the network itself, or its state_dict().</source>
      <translation>请保存网络本身，或其 state_dict()。</translation>
    </message>
    <message>
      <source>Save the network's state_dict(), or export the network with torch.export.</source>
      <translation>请保存网络的 state_dict()，或用 torch.export 导出网络。</translation>
    </message>
    <message>
      <source>Say “target: channels” in rules that give a group a ratio of its own.</source>
      <translation>在为某个组单独指定比例的规则中请写“target: channels”。</translation>
    </message>
    <message>
      <source>Scale is not given: pixels are multiplied by 1/255, so that they are 0…1.</source>
      <translation>未给出 scale：像素乘以 1/255，使其为 0…1。</translation>
    </message>
    <message>
      <source>Scale the image until its shorter side is this long, then crop its center.</source>
      <translation>缩放图像至其短边为此长度，然后裁剪中央部分。</translation>
    </message>
    <message>
      <source>Scale the shorter side and crop to {0}×{1}</source>
      <translation>缩放短边并裁剪为 {0}×{1}</translation>
    </message>
    <message>
      <source>Schedule</source>
      <translation>调度</translation>
    </message>
    <message>
      <source>Scoring channels</source>
      <translation>正在为通道评分</translation>
    </message>
    <message>
      <source>See “A recipe in full” in the manual: “steps:”, then “- method: channel”.</source>
      <translation>参见手册中的 “A recipe in full”：先写 “steps:”，再写 “- method: channel”。</translation>
    </message>
    <message>
      <source>Set "task": "regression" for a network that predicts numbers.</source>
      <translation>对于预测数值的网络，请设置 "task": "regression"。</translation>
    </message>
    <message>
      <source>Set first_label in the preprocessing, or mend the labels.</source>
      <translation>请在预处理中设置 first_label，或修正标签。</translation>
    </message>
    <message>
      <source>Set input_shape in the preprocessing.</source>
      <translation>请在预处理中设置 input_shape。</translation>
    </message>
    <message>
      <source>Set layout and resize in the preprocessing file beside the model.</source>
      <translation>请在模型旁的预处理文件中设置 layout 和 resize。</translation>
    </message>
    <message>
      <source>Set resize in the preprocessing.</source>
      <translation>请在预处理中设置 resize。</translation>
    </message>
    <message>
      <source>Set resize, data_layout or channel_order in the preprocessing.</source>
      <translation>请在预处理中设置 resize、data_layout 或 channel_order。</translation>
    </message>
    <message>
      <source>Settings of learned rounding.</source>
      <translation>学习取整的设置。</translation>
    </message>
    <message>
      <source>Settings of rounding by columns.</source>
      <translation>逐列取整的设置。</translation>
    </message>
    <message>
      <source>Shape of the network's input.</source>
      <translation>网络输入的形状。</translation>
    </message>
    <message>
      <source>Share of a block's quantized inputs that are left as the original has them, at random, while the block is learned.</source>
      <translation>学习一个块时，其量化输入中随机保持与原始网络相同的比例。</translation>
    </message>
    <message>
      <source>Share of each label spread over all classes.</source>
      <translation>每个标签均摊到所有类别的比例。</translation>
    </message>
    <message>
      <source>Share of the full rank</source>
      <translation>满秩的比例</translation>
    </message>
    <message>
      <source>Share of the full rank to keep, with rank by ratio.</source>
      <translation>保留的满秩比例，用于按比例确定秩时。</translation>
    </message>
    <message>
      <source>Share of the layer's bytes to keep, with rank by size; about the same share of its MACs is kept.</source>
      <translation>保留的层字节数比例，用于按大小确定秩时；MACs 的保留比例大致相同。</translation>
    </message>
    <message>
      <source>Share of the squared singular values to keep, with rank by energy.</source>
      <translation>保留的奇异值平方的比例，用于按能量确定秩时。</translation>
    </message>
    <message>
      <source>Share of the steps in which the learning rate rises from zero.</source>
      <translation>学习率从零上升阶段占总步数的比例。</translation>
    </message>
    <message>
      <source>Share of the weights that become zero.</source>
      <translation>变为零的权重比例。</translation>
    </message>
    <message>
      <source>Share that is removed, see target.</source>
      <translation>移除的比例，参见 target。</translation>
    </message>
    <message>
      <source>Shift</source>
      <translation>平移</translation>
    </message>
    <message>
      <source>Shift and flip images</source>
      <translation>平移和翻转图像</translation>
    </message>
    <message>
      <source>Shift and mirror</source>
      <translation>平移和镜像</translation>
    </message>
    <message>
      <source>Shorter side</source>
      <translation>短边</translation>
    </message>
    <message>
      <source>Simplifying</source>
      <translation>正在简化</translation>
    </message>
    <message>
      <source>Singular values</source>
      <translation>奇异值</translation>
    </message>
    <message>
      <source>Singular values of the outputs</source>
      <translation>输出的奇异值</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Size of the first full steps; empty: what usually suits the optimizer and the network.</source>
      <translation>最初完整步长的大小；留空：通常适合该优化器和网络的值。</translation>
    </message>
    <message>
      <source>Smallest to largest</source>
      <translation>最小到最大</translation>
    </message>
    <message>
      <source>Smoothing</source>
      <translation>平滑</translation>
    </message>
    <message>
      <source>So few channels that nothing is left to remove; raise the ratio.</source>
      <translation>通道太少，没有可移除的；请提高比例。</translation>
    </message>
    <message>
      <source>Soft targets</source>
      <translation>软目标</translation>
    </message>
    <message>
      <source>Softens the answers of both networks; higher shows more of how the teacher ranks wrong classes.</source>
      <translation>软化两个网络的答案；越高，越能显示教师对错误类别的排序。</translation>
    </message>
    <message>
      <source>Solve also the layers after them whose inputs have changed. Only with compensation.</source>
      <translation>对其后输入已改变的层也重新求解。仅在补偿时有效。</translation>
    </message>
    <message>
      <source>Solve each layer for the inputs that the layers replaced before it give, with the original's outputs as the target, so that errors do not add up; in front of an addition the original's sum is the target.</source>
      <translation>针对前面已替换的各层实际给出的输入求解每一层，并以原始网络的输出为目标，使误差不会累积；若其输出随后与另一个张量相加，则以原始网络的和为目标。</translation>
    </message>
    <message>
      <source>Solve the last of the three layers anew, by least squares on the original's outputs, layer by layer; a layer without a bias gets one.</source>
      <translation>对原始网络的输出作最小二乘，逐层重新求解三层中的最后一层；没有偏置的层会得到一个。</translation>
    </message>
    <message>
      <source>Solve the layers that read what was removed anew by least squares, so that they give the original network's outputs on calibration data.</source>
      <translation>用最小二乘重新求解读取被移除内容的层，使其在校准数据上给出原始网络的输出。</translation>
    </message>
    <message>
      <source>Solving</source>
      <translation>正在求解</translation>
    </message>
    <message>
      <source>Solving layers anew</source>
      <translation>正在重新求解各层</translation>
    </message>
    <message>
      <source>Some of its weights are NaN or infinite, so it is left alone.</source>
      <translation>其部分权重为 NaN 或无穷大，因此不作处理。</translation>
    </message>
    <message>
      <source>Some of the samples have labels, others have none</source>
      <translation>部分样本有标签，其余没有</translation>
    </message>
    <message>
      <source>Sparsity</source>
      <translation>稀疏度</translation>
    </message>
    <message>
      <source>Spatial decomposition</source>
      <translation>空间分解</translation>
    </message>
    <message>
      <source>Spectrum of {0}</source>
      <translation>{0} 的谱</translation>
    </message>
    <message>
      <source>Standard deviation</source>
      <translation>标准差</translation>
    </message>
    <message>
      <source>Start the engine</source>
      <translation>启动引擎</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Steps between two looks at the validation samples; empty: five looks.</source>
      <translation>两次查看验证样本之间的步数；留空：查看五次。</translation>
    </message>
    <message>
      <source>Steps on the whole network</source>
      <translation>整个网络的步数</translation>
    </message>
    <message>
      <source>Steps per block</source>
      <translation>每块的步数</translation>
    </message>
    <message>
      <source>Stopped early: the last {0} steps of the recipe were not run.</source>
      <translation>提前停止：配方的最后 {0} 个步骤未运行。</translation>
    </message>
    <message>
      <source>Store numbers.</source>
      <translation>请存储数值。</translation>
    </message>
    <message>
      <source>Store one whole number per sample, or set the task to regression.</source>
      <translation>请为每个样本存储一个整数，或将任务设为回归。</translation>
    </message>
    <message>
      <source>Stored values are {0}…{1} already, and scale is {2}.</source>
      <translation>存储的值已是 {0}…{1}，而 scale 为 {2}。</translation>
    </message>
    <message>
      <source>Stores weights as float16 or bfloat16: half the size, hardly any loss.</source>
      <translation>将权重存储为 float16 或 bfloat16：大小减半，几乎没有损失。</translation>
    </message>
    <message>
      <source>Stores weights as integers of 2 to 16 bits, and rounds activations so that the runtime can compute with integers.</source>
      <translation>将权重存储为 2 到 16 位整数，并对激活取整，使运行时可用整数计算。</translation>
    </message>
    <message>
      <source>Stretch images to {0}×{1}</source>
      <translation>将图像拉伸为 {0}×{1}</translation>
    </message>
    <message>
      <source>Stretch images to {0}×{1} {2} and flatten them</source>
      <translation>将图像拉伸为 {0}×{1} {2} 并展平</translation>
    </message>
    <message>
      <source>Subtracted after scaling, one number per channel.</source>
      <translation>缩放后减去此值，每个通道一个数字。</translation>
    </message>
    <message>
      <source>Symmetric weights</source>
      <translation>对称权重</translation>
    </message>
    <message>
      <source>Synaptic strength</source>
      <translation>突触强度</translation>
    </message>
    <message>
      <source>Tags (“{0}”) are not read; write plain values</source>
      <translation>不支持标签（“{0}”）；请写普通值</translation>
    </message>
    <message>
      <source>Take --device cpu.</source>
      <translation>请使用 --device cpu。</translation>
    </message>
    <message>
      <source>Take a part of the loss, 0 (exact) to 1.</source>
      <translation>请取损失的一部分，0（精确）到 1。</translation>
    </message>
    <message>
      <source>Take cpu, cuda or mps.</source>
      <translation>请使用 cpu、cuda 或 mps。</translation>
    </message>
    <message>
      <source>Take the data's own class names, in sorted order</source>
      <translation>采用数据自身的类别名称，按排序后的顺序</translation>
    </message>
    <message>
      <source>Take the network's input as NHW</source>
      <translation>将网络的输入视为 NHW</translation>
    </message>
    <message>
      <source>Take the network's input as {0}</source>
      <translation>将网络的输入视为 {0}</translation>
    </message>
    <message>
      <source>Take the rule out, or say “optional: true”.</source>
      <translation>请删除该规则，或写上“optional: true”。</translation>
    </message>
    <message>
      <source>Take the values as prepared already</source>
      <translation>将数值视为已经过预处理</translation>
    </message>
    <message>
      <source>Take them out.</source>
      <translation>请将其移除。</translation>
    </message>
    <message>
      <source>Take {0} or more.</source>
      <translation>请取 {0} 或更多。</translation>
    </message>
    <message>
      <source>Takes out what rounding adds to the mean of each output channel; layers without a bias are given one.</source>
      <translation>消除取整对每个输出通道均值的影响；没有偏置的层会得到一个。</translation>
    </message>
    <message>
      <source>Target</source>
      <translation>目标</translation>
    </message>
    <message>
      <source>Targets of shape {0} do not fit an output of shape {1}</source>
      <translation>形状为 {0} 的目标值不适合形状为 {1} 的输出</translation>
    </message>
    <message>
      <source>Taylor</source>
      <translation>Taylor</translation>
    </message>
    <message>
      <source>Teacher</source>
      <translation>教师</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>温度</translation>
    </message>
    <message>
      <source>Tensor</source>
      <translation>张量</translation>
    </message>
    <message>
      <source>Texts become numbers.</source>
      <translation>文本会转换为数字。</translation>
    </message>
    <message>
      <source>Texts become token numbers for {0}.</source>
      <translation>文本转换为 {0} 的标记编号。</translation>
    </message>
    <message>
      <source>That choose the best state; 0: the last state is kept.</source>
      <translation>用于选择最佳状态的样本数；0：保留最后的状态。</translation>
    </message>
    <message>
      <source>That disk is read-only. Choose another folder.</source>
      <translation>该磁盘为只读。请选择其他文件夹。</translation>
    </message>
    <message>
      <source>The MACs of this network are not known, so that no share of them can be removed</source>
      <translation>此网络的 MACs 未知，因此无法按其比例移除</translation>
    </message>
    <message>
      <source>The accuracy of a network that detects objects is not measured</source>
      <translation>不测量目标检测网络的准确率</translation>
    </message>
    <message>
      <source>The batches are not those that were recorded</source>
      <translation>批次与记录的不一致</translation>
    </message>
    <message>
      <source>The calibration data never reach this layer, or are not finite there</source>
      <translation>校准数据从未到达此层，或在此处不是有限值</translation>
    </message>
    <message>
      <source>The channels are tied to the network's input {0}.</source>
      <translation>这些通道与网络的输入 {0} 相连。</translation>
    </message>
    <message>
      <source>The channels depend on each other so that only all could be removed.</source>
      <translation>这些通道相互依赖，只能全部移除。</translation>
    </message>
    <message>
      <source>The channels reach the network's output.</source>
      <translation>这些通道到达网络的输出。</translation>
    </message>
    <message>
      <source>The cost table cannot be read.</source>
      <translation>无法读取代价表。</translation>
    </message>
    <message>
      <source>The cost table has no entry for {0} {1} of {2}</source>
      <translation>代价表中没有 {2} 的 {0} {1} 项</translation>
    </message>
    <message>
      <source>The cost table has nothing of the method {0}</source>
      <translation>代价表中没有方法 {0}</translation>
    </message>
    <message>
      <source>The cost table was written by a newer version.</source>
      <translation>代价表由更新的版本写出。</translation>
    </message>
    <message>
      <source>The criterion {0} looks at what the network computes and needs data</source>
      <translation>准则 {0} 要观察网络的计算，因此需要数据</translation>
    </message>
    <message>
      <source>The data comes in one piece: all of it was evaluated.</source>
      <translation>数据未划分：已评估全部数据。</translation>
    </message>
    <message>
      <source>The data has a label {0}, and the network has {1} classes, numbered from 0 to {2}</source>
      <translation>数据中有标签 {0}，而网络有 {1} 个类别，编号从 0 到 {2}</translation>
    </message>
    <message>
      <source>The data has changed since: run the trial again.</source>
      <translation>数据已更改：请重新运行该试验。</translation>
    </message>
    <message>
      <source>The data has images such as {0}</source>
      <translation>数据中有 {0} 这样的图像</translation>
    </message>
    <message>
      <source>The data has no labels, and there is no network to compare with</source>
      <translation>数据没有标签，也没有可供比较的网络</translation>
    </message>
    <message>
      <source>The data has no labels: the network learns from its teacher alone.</source>
      <translation>数据没有标签：网络仅向教师学习。</translation>
    </message>
    <message>
      <source>The data has no values for the network's input {0}.</source>
      <translation>数据中没有网络输入 {0} 的值。</translation>
    </message>
    <message>
      <source>The data has one split: {0} samples are for training, {1} for validation, {2} for evaluation.</source>
      <translation>数据只有一个划分：{0} 个样本用于训练，{1} 个用于验证，{2} 个用于评估。</translation>
    </message>
    <message>
      <source>The data has samples of {0} ({1})</source>
      <translation>数据的样本为 {0}（{1}）</translation>
    </message>
    <message>
      <source>The data has samples of {0}, and the network takes {1}.</source>
      <translation>数据的样本为 {0}，而网络接受 {1}。</translation>
    </message>
    <message>
      <source>The data has {0} classes, of which {1} {2} not among the {3} labels ({4}).</source>
      <translation>数据有 {0} 个类别，其中 {1} 个{2}不在 {3} 个标签之中（{4}）。</translation>
    </message>
    <message>
      <source>The data has {0}; the network takes {1}.</source>
      <translation>数据为 {0}；网络接受 {1}。</translation>
    </message>
    <message>
      <source>The data has {0}; what the network takes is not known yet.</source>
      <translation>数据为 {0}；网络接受的形式尚未知。</translation>
    </message>
    <message>
      <source>The disk does not hold files of that size. Write to another disk.</source>
      <translation>该磁盘不能存放这样大的文件。请写到其他磁盘。</translation>
    </message>
    <message>
      <source>The disk is full. Free some space, or write to another disk.</source>
      <translation>磁盘已满。请释放空间，或写到其他磁盘。</translation>
    </message>
    <message>
      <source>The download went wrong: download the file itself.</source>
      <translation>下载有误：请下载文件本身。</translation>
    </message>
    <message>
      <source>The exported file differs from the network by {0} of its largest output, so it was not written</source>
      <translation>导出的文件与网络的差异为其最大输出的 {0}，因此未写出</translation>
    </message>
    <message>
      <source>The exported file does not pass ONNX's own check: {0}</source>
      <translation>导出的文件未通过 ONNX 自身的检查：{0}</translation>
    </message>
    <message>
      <source>The exported program {0}</source>
      <translation>导出程序{0}</translation>
    </message>
    <message>
      <source>The exporter made {0} inputs and {1} outputs of the network's {2} and {3}</source>
      <translation>导出程序将网络的 {2} 和 {3} 变成了 {0} 个输入和 {1} 个输出</translation>
    </message>
    <message>
      <source>The file does not say the shape of input {0}</source>
      <translation>文件没有说明输入 {0} 的形状</translation>
    </message>
    <message>
      <source>The file is damaged, made to overwhelm its reader, or too large for this machine.</source>
      <translation>文件已损坏、是为使读取程序崩溃而制作的，或对本机而言太大。</translation>
    </message>
    <message>
      <source>The file is damaged, or made to overwhelm its reader.</source>
      <translation>文件已损坏，或是为使读取程序崩溃而制作的。</translation>
    </message>
    <message>
      <source>The file is damaged; export it again.</source>
      <translation>文件已损坏；请重新导出。</translation>
    </message>
    <message>
      <source>The file is larger than {0} MiB, which no recipe is.</source>
      <translation>文件大于 {0} MiB，不可能是配方。</translation>
    </message>
    <message>
      <source>The file is not text, so it is no recipe.</source>
      <translation>文件不是文本，因此不是配方。</translation>
    </message>
    <message>
      <source>The file leaves dimension {0} ({1}) of input {2} open, but the network can be traced for one size only: it is {3} from here on; --input-shape {4}=… sets another.</source>
      <translation>文件未确定输入 {2} 的维度 {0}（{1}），但网络只能按一种尺寸跟踪：此后取 {3}；可用 --input-shape {4}=… 另行设置。</translation>
    </message>
    <message>
      <source>The file leaves the size of {0} open, and none of the usual sizes fits: give it with --input-shape {1}=…, without the batch.</source>
      <translation>文件未确定 {0} 的尺寸，常用尺寸均不适合：请用 --input-shape {1}=… 给出，不含批次。</translation>
    </message>
    <message>
      <source>The file may be damaged, or in another format than its name says.</source>
      <translation>文件可能已损坏，或格式与其名称不符。</translation>
    </message>
    <message>
      <source>The file may be damaged, or use operators that this runtime lacks.</source>
      <translation>文件可能已损坏，或使用了此运行时没有的算子。</translation>
    </message>
    <message>
      <source>The file uses ONNX operator set {0}; Espalier knows them up to {1}</source>
      <translation>文件使用 ONNX 算子集 {0}；Espalier 支持到 {1}</translation>
    </message>
    <message>
      <source>The file uses ONNX operator set {0}; sets from {1} are read</source>
      <translation>文件使用 ONNX 算子集 {0}；可读取的算子集从 {1} 开始</translation>
    </message>
    <message>
      <source>The file works with a batch of {0} only</source>
      <translation>文件只能在批次为 {0} 时运行</translation>
    </message>
    <message>
      <source>The first axis must count the samples.</source>
      <translation>第一个轴必须是样本数。</translation>
    </message>
    <message>
      <source>The first axis of each must count the samples.</source>
      <translation>每个数组的第一个轴必须是样本数。</translation>
    </message>
    <message>
      <source>The first samples of {0} cannot be read.</source>
      <translation>无法读取 {0} 的前几个样本。</translation>
    </message>
    <message>
      <source>The folder does not exist. Create it, or choose another.</source>
      <translation>文件夹不存在。请创建它，或选择其他文件夹。</translation>
    </message>
    <message>
      <source>The functions inside the file cannot be inlined ({0})</source>
      <translation>无法内联文件中的函数（{0}）</translation>
    </message>
    <message>
      <source>The graph cannot be made trainable: {0}</source>
      <translation>无法使该图可训练：{0}</translation>
    </message>
    <message>
      <source>The graph contains a cycle</source>
      <translation>图中存在环路</translation>
    </message>
    <message>
      <source>The greedy walk found no way there; the exact solver stands in for it.</source>
      <translation>逐步搜索未能达到；改用精确求解。</translation>
    </message>
    <message>
      <source>The hidden size of a recurrent layer cannot be pruned yet: all its gates and the state that it feeds back would have to shrink together.</source>
      <translation>循环层的隐藏大小尚不能剪枝：其所有门和反馈状态必须一起缩小。</translation>
    </message>
    <message>
      <source>The hidden size of {0} {1} is fixed: its gates and its recurrent weights depend on it.</source>
      <translation>{0} {1} 的隐藏大小是固定的：其门和循环权重依赖于它。</translation>
    </message>
    <message>
      <source>The history of this project cannot be read.</source>
      <translation>无法读取此项目的历史记录。</translation>
    </message>
    <message>
      <source>The input {0} has shape {1} in one form, {2} in the other</source>
      <translation>输入 {0} 在一种形式中的形状为 {1}，在另一种中为 {2}</translation>
    </message>
    <message>
      <source>The input {0} of shape {1} has no batch axis, so data of shape {2} cannot be run</source>
      <translation>形状为 {1} 的输入 {0} 没有批次轴，因此无法运行形状为 {2} 的数据</translation>
    </message>
    <message>
      <source>The input {0} of shape {1} would need {2} values for {3} samples</source>
      <translation>形状为 {1} 的输入 {0} 需要 {2} 个值才能容纳 {3} 个样本</translation>
    </message>
    <message>
      <source>The input {0} takes whole numbers ({1}), the data holds fractions ({2})</source>
      <translation>输入 {0} 接受整数（{1}），而数据含有小数（{2}）</translation>
    </message>
    <message>
      <source>The input {0} takes {1}, which samples cannot be made for</source>
      <translation>输入 {0} 接受 {1}，无法为其生成样本</translation>
    </message>
    <message>
      <source>The label {0} does not fit a network with {1} classes (0 to {2})</source>
      <translation>标签 {0} 不适合有 {1} 个类别（0 到 {2}）的网络</translation>
    </message>
    <message>
      <source>The labels are not class numbers</source>
      <translation>标签不是类别编号</translation>
    </message>
    <message>
      <source>The labels go from {0} to {1}, and the network has {2} (labels 0 to {3}).</source>
      <translation>标签从 {0} 到 {1}，而网络有 {2}（标签 0 到 {3}）。</translation>
    </message>
    <message>
      <source>The labels have {0} values each; the network gives {1}.</source>
      <translation>每个标签有 {0} 个值；网络给出 {1} 个。</translation>
    </message>
    <message>
      <source>The labels were compared with the first of {0} outputs.</source>
      <translation>标签与 {0} 个输出中的第一个比较。</translation>
    </message>
    <message>
      <source>The method {0} cannot be mixed</source>
      <translation>方法 {0} 不能混合使用</translation>
    </message>
    <message>
      <source>The name is too long. Choose a shorter one.</source>
      <translation>名称太长。请选择较短的名称。</translation>
    </message>
    <message>
      <source>The name {0} is too long for a file</source>
      <translation>名称 {0} 太长，不能作为文件名</translation>
    </message>
    <message>
      <source>The network cannot be traced: {0}</source>
      <translation>无法跟踪网络：{0}</translation>
    </message>
    <message>
      <source>The network cannot be trained: {0}</source>
      <translation>无法训练网络：{0}</translation>
    </message>
    <message>
      <source>The network cannot be written as ONNX: {0}</source>
      <translation>无法将网络写出为 ONNX：{0}</translation>
    </message>
    <message>
      <source>The network does not run on an input of shape {0}: {1}</source>
      <translation>网络无法在形状为 {0} 的输入上运行：{1}</translation>
    </message>
    <message>
      <source>The network does not run on inputs of shape {0}: {1}</source>
      <translation>网络无法在形状为 {0} 的输入上运行：{1}</translation>
    </message>
    <message>
      <source>The network has no batch norms (they may have been folded into the layers before them): each channel was given the mean and variance that it has in the original instead.</source>
      <translation>网络没有批归一化（可能已折叠到前面的层中）：改为使每个通道的均值和方差与原始网络相同。</translation>
    </message>
    <message>
      <source>The network has no input {0}: it has {1}</source>
      <translation>网络没有输入 {0}：它有 {1}</translation>
    </message>
    <message>
      <source>The network has no input {0}; it has {1}</source>
      <translation>网络没有输入 {0}；它有 {1}</translation>
    </message>
    <message>
      <source>The network has no output of numbers, so it cannot be trained</source>
      <translation>网络没有数值输出，因此无法训练</translation>
    </message>
    <message>
      <source>The network has no weights that can be trained</source>
      <translation>网络没有可训练的权重</translation>
    </message>
    <message>
      <source>The network has {0} inputs ({1}), and the data has one.</source>
      <translation>网络有 {0} 个输入（{1}），而数据只有一个。</translation>
    </message>
    <message>
      <source>The network has {0} outputs, no number {1}</source>
      <translation>网络有 {0} 个输出，没有编号 {1}</translation>
    </message>
    <message>
      <source>The network has {0} outputs, the reference {1}</source>
      <translation>网络有 {0} 个输出，参照网络有 {1} 个</translation>
    </message>
    <message>
      <source>The network has {0}, the data gives {1} per sample</source>
      <translation>网络有 {0}，数据为每个样本提供 {1}</translation>
    </message>
    <message>
      <source>The network never calls this layer on these samples.</source>
      <translation>网络在这些样本上从未调用此层。</translation>
    </message>
    <message>
      <source>The network returns no tensor</source>
      <translation>网络没有返回张量</translation>
    </message>
    <message>
      <source>The network takes batches of {0} samples, and there are {1}</source>
      <translation>网络接受每批 {0} 个样本，而现有 {1} 个</translation>
    </message>
    <message>
      <source>The network takes {0} samples at a time, and there are {1}</source>
      <translation>网络每次接受 {0} 个样本，而现有 {1} 个</translation>
    </message>
    <message>
      <source>The network works for batches of {0} only: it is measured and exported for those</source>
      <translation>网络只能在批次为 {0} 时运行：按此测量和导出</translation>
    </message>
    <message>
      <source>The network's answers on the training samples are not finite numbers, before any training</source>
      <translation>在任何训练之前，网络在训练样本上的答案就不是有限数</translation>
    </message>
    <message>
      <source>The network's file fixes the batch to {0}, which is used.</source>
      <translation>网络文件将批次固定为 {0}，按此使用。</translation>
    </message>
    <message>
      <source>The network's input {0} has a dimension '{1}' of unknown length.</source>
      <translation>网络的输入 {0} 有长度未知的维度“{1}”。</translation>
    </message>
    <message>
      <source>The network's output has shape {0}, the reference's {1}</source>
      <translation>网络输出的形状为 {0}，参照网络的为 {1}</translation>
    </message>
    <message>
      <source>The network's own answers are not all finite numbers, so that nothing can be compared with them</source>
      <translation>网络自身的输出并非全是有限数，因此无法与之比较</translation>
    </message>
    <message>
      <source>The number of classes differs from one batch to the next</source>
      <translation>各批次的类别数不同</translation>
    </message>
    <message>
      <source>The number of outputs differs from one batch to the next</source>
      <translation>各批次的输出数不同</translation>
    </message>
    <message>
      <source>The number that stands for the first class.</source>
      <translation>代表第一个类别的编号。</translation>
    </message>
    <message>
      <source>The original network</source>
      <translation>原始网络</translation>
    </message>
    <message>
      <source>The original's {0} is not known, so it cannot be limited</source>
      <translation>原始模型的 {0} 未知，因此无法限制</translation>
    </message>
    <message>
      <source>The preprocessing is for an input of {0}; the network takes {1}.</source>
      <translation>预处理针对 {0} 的输入；网络接受 {1}。</translation>
    </message>
    <message>
      <source>The process that read the file came back with something else than was asked for</source>
      <translation>读取文件的进程返回的内容与要求不符</translation>
    </message>
    <message>
      <source>The process that reads files ends as soon as it starts</source>
      <translation>读取文件的进程一启动就结束</translation>
    </message>
    <message>
      <source>The project is damaged: a part of it cannot be read</source>
      <translation>项目已损坏：有一部分无法读取</translation>
    </message>
    <message>
      <source>The recipe cannot be read: {0}.</source>
      <translation>无法读取配方：{0}。</translation>
    </message>
    <message>
      <source>The recipe cannot be written: {0}.</source>
      <translation>无法写入配方：{0}。</translation>
    </message>
    <message>
      <source>The recipe trains, and there is no data</source>
      <translation>配方需要训练，而没有数据</translation>
    </message>
    <message>
      <source>The reference does not run on the same data: {0}</source>
      <translation>参照网络无法在相同数据上运行：{0}</translation>
    </message>
    <message>
      <source>The result is slower than the original on this machine: in small layers, and where only weights are integers, converting costs more than integers save.</source>
      <translation>结果在本机上比原始模型慢：对于较小的层，以及只有权重为整数之处，转换的开销超过整数带来的节省。</translation>
    </message>
    <message>
      <source>The same for all</source>
      <translation>全部相同</translation>
    </message>
    <message>
      <source>The samples differ in shape ({0}), and a batch needs them equal.</source>
      <translation>样本的形状不同（{0}），而同一批次要求形状相同。</translation>
    </message>
    <message>
      <source>The shape of what {0} makes depends on the input's values</source>
      <translation>{0} 的结果形状取决于输入的值</translation>
    </message>
    <message>
      <source>The solver ran out of time; the greedy walk stands in for it.</source>
      <translation>求解器超时；改用逐步搜索。</translation>
    </message>
    <message>
      <source>The temporary folder has {0} GiB left, and this network needs {1} GiB there while it is opened</source>
      <translation>临时文件夹剩余 {0} GiB，而打开此网络需要 {1} GiB</translation>
    </message>
    <message>
      <source>The training diverged after {0} steps; the best state before is kept. A lower learning rate would help.</source>
      <translation>训练在 {0} 步后发散；保留此前的最佳状态。降低学习率会有帮助。</translation>
    </message>
    <message>
      <source>The training diverged after {0} {1}: its loss is no longer a number</source>
      <translation>训练在 {0} {1}后发散：其损失不再是数值</translation>
    </message>
    <message>
      <source>The training does not fit into memory with a batch of {0}</source>
      <translation>批次为 {0} 时，内存不足以进行训练</translation>
    </message>
    <message>
      <source>The training is not kept on the way, for its folder is not writable ({0}).</source>
      <translation>训练过程中不作保存，因为其文件夹不可写（{0}）。</translation>
    </message>
    <message>
      <source>The training was stopped after {0} of {1} steps.</source>
      <translation>训练在 {1} 步中的第 {0} 步后被停止。</translation>
    </message>
    <message>
      <source>The two evaluations have no sample in common</source>
      <translation>两次评估没有共同的样本</translation>
    </message>
    <message>
      <source>The two forms have {0} and {1} inputs</source>
      <translation>两种形式分别有 {0} 和 {1} 个输入</translation>
    </message>
    <message>
      <source>The two forms have {0} and {1} outputs</source>
      <translation>两种形式分别有 {0} 和 {1} 个输出</translation>
    </message>
    <message>
      <source>The two trials were measured on different samples</source>
      <translation>两个试验在不同的样本上测量</translation>
    </message>
    <message>
      <source>The weights of a layer of kind {0} are not factored.</source>
      <translation>类型为 {0} 的层的权重不作分解。</translation>
    </message>
    <message>
      <source>The weights of a layer of kind {0} are not pruned one by one.</source>
      <translation>类型为 {0} 的层的权重不作逐个剪枝。</translation>
    </message>
    <message>
      <source>The weights of this {0} do not fit together ({1})</source>
      <translation>此 {0} 的权重彼此不匹配（{1}）</translation>
    </message>
    <message>
      <source>The weights of {0} are also used outside the layer, so it cannot be replaced</source>
      <translation>{0} 的权重还在层外使用，因此无法替换该层</translation>
    </message>
    <message>
      <source>The weights of {0} do not fit {1}: {2}</source>
      <translation>{0} 的权重不适合 {1}：{2}</translation>
    </message>
    <message>
      <source>The written file cannot be read back: {0}</source>
      <translation>无法读回写出的文件：{0}</translation>
    </message>
    <message>
      <source>The written file does not agree with the network, so it was dropped: {0}</source>
      <translation>写出的文件与网络不一致，已放弃：{0}</translation>
    </message>
    <message>
      <source>The written file does not hold the weights of {0}</source>
      <translation>写出的文件不包含 {0} 的权重</translation>
    </message>
    <message>
      <source>The written file gives an output of shape {0}, the network {1}</source>
      <translation>写出的文件给出形状为 {0} 的输出，网络为 {1}</translation>
    </message>
    <message>
      <source>The written file has {0} outputs, the network {1}</source>
      <translation>写出的文件有 {0} 个输出，网络有 {1} 个</translation>
    </message>
    <message>
      <source>The {0} groups of layer {1} need as many channels each, and what follows mixes them, so that only all could be removed.</source>
      <translation>层 {1} 的 {0} 个分组必须具有相同的通道数，而后续部分会将其混合，因此只能全部移除。</translation>
    </message>
    <message>
      <source>There are no costs for the method {0}</source>
      <translation>没有方法 {0} 的代价</translation>
    </message>
    <message>
      <source>There are no samples to train on: all of them serve calibration, validation and evaluation</source>
      <translation>没有可供训练的样本：全部样本都用于校准、验证和评估</translation>
    </message>
    <message>
      <source>There are no validation samples: the last state is kept.</source>
      <translation>没有验证样本：保留最后的状态。</translation>
    </message>
    <message>
      <source>There are too few samples to measure on</source>
      <translation>可用于测量的样本太少</translation>
    </message>
    <message>
      <source>There are {0} label names for {1} outputs.</source>
      <translation>{1} 个输出对应 {0} 个标签名称。</translation>
    </message>
    <message>
      <source>There is a folder of that name. Choose another name.</source>
      <translation>已有同名的文件夹。请选择其他名称。</translation>
    </message>
    <message>
      <source>There is neither data nor a reference to evaluate against</source>
      <translation>没有可用于评估的数据或参照网络</translation>
    </message>
    <message>
      <source>There is no channel group {0}</source>
      <translation>没有通道组 {0}</translation>
    </message>
    <message>
      <source>There is no data to fit the layers' outputs to, so they were not fitted.</source>
      <translation>没有数据可用于拟合各层的输出，因此未作拟合。</translation>
    </message>
    <message>
      <source>There is no data, and the preprocessing does not say the input's shape.</source>
      <translation>没有数据，预处理也没有说明输入的形状。</translation>
    </message>
    <message>
      <source>There is no data: noise stands in for it, and accuracy means agreement with the original on noise.</source>
      <translation>没有数据：以噪声代替，准确率指在噪声上与原始模型的一致率。</translation>
    </message>
    <message>
      <source>There is no data: normally distributed noise stands in for it.</source>
      <translation>没有数据：以正态分布的噪声代替。</translation>
    </message>
    <message>
      <source>There is no device called {0}</source>
      <translation>没有名为 {0} 的设备</translation>
    </message>
    <message>
      <source>There is no device {0} on this machine</source>
      <translation>此机器上没有设备 {0}</translation>
    </message>
    <message>
      <source>There is no file {0}</source>
      <translation>没有文件 {0}</translation>
    </message>
    <message>
      <source>There is no test split: the validation split is used for evaluation.</source>
      <translation>没有测试划分：使用验证划分进行评估。</translation>
    </message>
    <message>
      <source>There is no time to measure in</source>
      <translation>没有可用于测量的时间</translation>
    </message>
    <message>
      <source>There is no trial {0} in this project</source>
      <translation>此项目中没有试验 {0}</translation>
    </message>
    <message>
      <source>There is not one labelled sample to measure the accuracy on</source>
      <translation>没有任何带标签的样本可用于测量准确率</translation>
    </message>
    <message>
      <source>There is not one sample to compare the networks on</source>
      <translation>没有任何样本可用于比较网络</translation>
    </message>
    <message>
      <source>There is not one sample to evaluate</source>
      <translation>没有任何可评估的样本</translation>
    </message>
    <message>
      <source>There is not one sample to measure the error on</source>
      <translation>没有任何样本可用于测量误差</translation>
    </message>
    <message>
      <source>There is nothing to fit to</source>
      <translation>没有可适配的目标</translation>
    </message>
    <message>
      <source>There is one folder alone ({0}), so the images have no labels.</source>
      <translation>只有一个文件夹（{0}），因此图像没有标签。</translation>
    </message>
    <message>
      <source>There is too little data for validation samples: training samples are run.</source>
      <translation>数据太少，没有验证样本：使用训练样本。</translation>
    </message>
    <message>
      <source>This criterion looks at what the network computes, and there is no data.</source>
      <translation>此准则要观察网络的计算，而没有数据。</translation>
    </message>
    <message>
      <source>This criterion scores channels by their batch norm, and these have none (most ONNX files arrive with it folded into the layers before).</source>
      <translation>此准则按批归一化为通道评分，而这些通道没有批归一化（大多数 ONNX 文件已将其折叠到前面的层中）。</translation>
    </message>
    <message>
      <source>This is not JSON: {0}</source>
      <translation>这不是 JSON：{0}</translation>
    </message>
    <message>
      <source>This is not YAML: {0}</source>
      <translation>这不是 YAML：{0}</translation>
    </message>
    <message>
      <source>This machine has no {0} device that PyTorch can use</source>
      <translation>此机器没有 PyTorch 可用的 {0} 设备</translation>
    </message>
    <message>
      <source>This step looks at what the network computes and needs data</source>
      <translation>此步骤要观察网络的计算，因此需要数据</translation>
    </message>
    <message>
      <source>This {0} device has no fast {1}; float32 was used.</source>
      <translation>此 {0} 设备没有快速的 {1}；已使用 float32。</translation>
    </message>
    <message>
      <source>Time the model again.</source>
      <translation>请重新测量模型的时间。</translation>
    </message>
    <message>
      <source>Time {0}</source>
      <translation>计时 {0}</translation>
    </message>
    <message>
      <source>Timing</source>
      <translation>正在计时</translation>
    </message>
    <message>
      <source>Tokens; longer texts are cut.</source>
      <translation>标记数；更长的文本会被截断。</translation>
    </message>
    <message>
      <source>Tracing the network</source>
      <translation>正在跟踪网络</translation>
    </message>
    <message>
      <source>Train the distance between two values of each grid too; else only the weights, on the grids as they are.</source>
      <translation>同时训练每个网格上两个值之间的距离；否则只在现有网格上训练权重。</translation>
    </message>
    <message>
      <source>Training did not help ({0} on {1} validation samples before it, and never more): the network was left as it was.</source>
      <translation>训练没有帮助（此前在 {1} 个验证样本上为 {0}，之后从未超过）：网络保持原样。</translation>
    </message>
    <message>
      <source>Training needs data, and none was given</source>
      <translation>训练需要数据，但没有提供</translation>
    </message>
    <message>
      <source>Training: step {0} of {1}, loss {2}</source>
      <translation>训练：第 {0} / {1} 步，损失 {2}</translation>
    </message>
    <message>
      <source>Trains a network that an earlier step has quantized: weights and activations are rounded in every pass, and the steps of their grids are learned with the weights.</source>
      <translation>训练由前面步骤量化的网络：每次前向计算都对权重和激活取整，并与权重一起学习其网格的步长。</translation>
    </message>
    <message>
      <source>Trains the network on the data, from labels, from a teacher or from both. What was pruned stays zero, what was quantized stays on its grid, and the best state by validation is kept.</source>
      <translation>用数据训练网络，可依据标签、教师或两者。已剪枝的保持为零，已量化的保持在网格上，并按验证结果保留最佳状态。</translation>
    </message>
    <message>
      <source>Trains the network to answer as a teacher does: the original, or a larger network from a file. Needs no labels.</source>
      <translation>训练网络像教师一样作答：教师为原始网络，或文件中的更大网络。不需要标签。</translation>
    </message>
    <message>
      <source>Translating to ONNX</source>
      <translation>正在转换为 ONNX</translation>
    </message>
    <message>
      <source>Try again; if it happens again, this network meets a fault of the exporter.</source>
      <translation>请重试；如果再次发生，说明此网络触发了导出程序的缺陷。</translation>
    </message>
    <message>
      <source>Trying a training step</source>
      <translation>正在尝试一步训练</translation>
    </message>
    <message>
      <source>Trying input sizes</source>
      <translation>正在尝试输入尺寸</translation>
    </message>
    <message>
      <source>Trying settings of {0}</source>
      <translation>正在尝试 {0} 的设置</translation>
    </message>
    <message>
      <source>Trying settings on a few samples</source>
      <translation>正在用少量样本尝试设置</translation>
    </message>
    <message>
      <source>Tucker decomposition</source>
      <translation>Tucker 分解</translation>
    </message>
    <message>
      <source>Uniform quantization</source>
      <translation>均匀量化</translation>
    </message>
    <message>
      <source>Unpack it and choose the model inside.</source>
      <translation>请将其解压，并选择其中的模型。</translation>
    </message>
    <message>
      <source>Unpacking {0}</source>
      <translation>正在解压 {0}</translation>
    </message>
    <message>
      <source>Update Espalier, or write the recipe again.</source>
      <translation>请更新 Espalier，或重新编写配方。</translation>
    </message>
    <message>
      <source>Update Espalier.</source>
      <translation>请更新 Espalier。</translation>
    </message>
    <message>
      <source>Update Espalier; the project was not changed.</source>
      <translation>请更新 Espalier；项目未被更改。</translation>
    </message>
    <message>
      <source>Use a smaller batch.</source>
      <translation>请使用更小的批次。</translation>
    </message>
    <message>
      <source>Use a smaller batch_size.</source>
      <translation>请使用更小的 batch_size。</translation>
    </message>
    <message>
      <source>Use it only if you trust where it comes from (--trust on the command line).</source>
      <translation>只有信任其来源时才应使用它（命令行中为 --trust）。</translation>
    </message>
    <message>
      <source>Validate every</source>
      <translation>验证间隔</translation>
    </message>
    <message>
      <source>Validating after step {0}</source>
      <translation>第 {0} 步后正在验证</translation>
    </message>
    <message>
      <source>Validation samples</source>
      <translation>验证样本</translation>
    </message>
    <message>
      <source>Values are whole numbers up to {0}, and they are not scaled.</source>
      <translation>值为最大 {0} 的整数，且未缩放。</translation>
    </message>
    <message>
      <source>Variational Bayes</source>
      <translation>变分贝叶斯</translation>
    </message>
    <message>
      <source>Vectors of {0} are read as {1} ({2}).</source>
      <translation>{0} 的向量读作 {1}（{2}）。</translation>
    </message>
    <message>
      <source>Walking</source>
      <translation>正在逐步搜索</translation>
    </message>
    <message>
      <source>Wanda</source>
      <translation>Wanda</translation>
    </message>
    <message>
      <source>Warm-up</source>
      <translation>预热</translation>
    </message>
    <message>
      <source>Warming up</source>
      <translation>正在预热</translation>
    </message>
    <message>
      <source>Weigh errors of a layer's outputs by what they do to the network's answers (second moments of the gradients).</source>
      <translation>按层输出误差对网络答案的影响为其加权（梯度的二阶矩）。</translation>
    </message>
    <message>
      <source>Weigh outputs</source>
      <translation>输出加权</translation>
    </message>
    <message>
      <source>Weighing {0}</source>
      <translation>正在评估 {0} 的权重</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weight bits and activation bits cannot both be empty</source>
      <translation>权重位数和激活位数不能同时为空</translation>
    </message>
    <message>
      <source>Weight decay</source>
      <translation>权重衰减</translation>
    </message>
    <message>
      <source>Weight of hints</source>
      <translation>提示的权重</translation>
    </message>
    <message>
      <source>Weight pruning</source>
      <translation>权重剪枝</translation>
    </message>
    <message>
      <source>Weight range</source>
      <translation>权重范围</translation>
    </message>
    <message>
      <source>Weights of {0}</source>
      <translation>{0} 的权重</translation>
    </message>
    <message>
      <source>Weights that stand free in the graph stay as they are.</source>
      <translation>在图中孤立存在的权重保持原样。</translation>
    </message>
    <message>
      <source>Weights that stay in each group.</source>
      <translation>每组中保留的权重数。</translation>
    </message>
    <message>
      <source>What are the classes called, in the order of the outputs?</source>
      <translation>按输出的顺序，各类别叫什么名称？</translation>
    </message>
    <message>
      <source>What decides on the rank of a layer: size, the share of its bytes to keep; ratio, a share of the full rank; number, the rank itself; energy, the share of the squared singular values to keep; vbmf, variational Bayes, which tells the signal in the weights from noise and needs no setting.</source>
      <translation>秩的确定依据：size，保留的层字节数比例；ratio，满秩的比例；number，秩本身；energy，保留的奇异值平方的比例；vbmf，变分贝叶斯，可区分权重中的信号与噪声，无需设置。</translation>
    </message>
    <message>
      <source>What is each pixel multiplied by first (1/255 makes 0…255 into 0…1)?</source>
      <translation>每个像素首先乘以什么（1/255 将 0…255 变为 0…1）？</translation>
    </message>
    <message>
      <source>What is left of 1</source>
      <translation>1 的剩余部分</translation>
    </message>
    <message>
      <source>What is made small; empty: the labels' loss alone. Labels count with the weight that the others leave of 1.</source>
      <translation>要减小的损失；留空：仅标签的损失。标签的权重为其他损失在 1 中剩余的部分。</translation>
    </message>
    <message>
      <source>What passes compute in; auto: bfloat16 on a GPU that has it, else float32.</source>
      <translation>前向计算所用的精度；auto：在支持的 GPU 上为 bfloat16，否则为 float32。</translation>
    </message>
    <message>
      <source>What the network is for.</source>
      <translation>网络的用途。</translation>
    </message>
    <message>
      <source>What the ratio is a share of: the channels of each group, or the multiply-accumulates (MACs) of the whole network.</source>
      <translation>比例的对象：每组的通道，或整个网络的乘加运算 (MACs)。</translation>
    </message>
    <message>
      <source>What this network answers is neither a class nor a number.</source>
      <translation>此网络的答案既不是类别，也不是数值。</translation>
    </message>
    <message>
      <source>What was measured before is of other data, and is measured anew.</source>
      <translation>之前的测量来自其他数据，将重新测量。</translation>
    </message>
    <message>
      <source>Which color each channel is.</source>
      <translation>每个通道是哪种颜色。</translation>
    </message>
    <message>
      <source>Which mean is then subtracted from each channel?</source>
      <translation>然后从每个通道减去哪个均值？</translation>
    </message>
    <message>
      <source>Which shape does the network's input have?</source>
      <translation>网络的输入是什么形状？</translation>
    </message>
    <message>
      <source>Which standard deviation is each channel then divided by?</source>
      <translation>然后将每个通道除以哪个标准差？</translation>
    </message>
    <message>
      <source>Which weights go. magnitude: the smallest, needs no data. wanda: the smallest product of weight and input. obs: those whose loss the others can best make up for, one after the other; by far the most accurate.</source>
      <translation>去掉哪些权重。magnitude：最小的权重，不需要数据。wanda：权重与输入乘积最小的。obs：其损失最能由其余权重弥补的，逐个选择；准确率远高于其他。</translation>
    </message>
    <message>
      <source>Which weights share a scale: all of the layer, those of an output channel, or groups of neighbors within it.</source>
      <translation>哪些权重共用一个缩放系数：层内全部权重、一个输出通道的权重，或其中相邻的若干组。</translation>
    </message>
    <message>
      <source>With rank by number: how many channels the first of the three layers gives; 0 takes the rank, which is what the second gives.</source>
      <translation>按数值确定秩时：三层中第一层给出的通道数；0 取秩的值，即第二层给出的通道数。</translation>
    </message>
    <message>
      <source>Write it again with numpy.savez.</source>
      <translation>请用 numpy.savez 重新写出。</translation>
    </message>
    <message>
      <source>Write it again.</source>
      <translation>请重新写出。</translation>
    </message>
    <message>
      <source>Write it as .pt2 or .safetensors, which hold any network.</source>
      <translation>请写出为 .pt2 或 .safetensors，它们可以保存任何网络。</translation>
    </message>
    <message>
      <source>Write it as .pt2 or .safetensors; this network meets a fault of the exporter.</source>
      <translation>请写出为 .pt2 或 .safetensors；此网络触发了导出程序的缺陷。</translation>
    </message>
    <message>
      <source>Write it as FILE.py:FACTORY, a Python file and a function in it.</source>
      <translation>请写成 FILE.py:FACTORY，即一个 Python 文件及其中的函数。</translation>
    </message>
    <message>
      <source>Write it for another --target, or as .pt2; an older file is as it was.</source>
      <translation>请为其他 --target 写出，或写出为 .pt2；旧文件保持原样。</translation>
    </message>
    <message>
      <source>Write it like 3x224x224, or 128:int64 for whole numbers, without the batch.</source>
      <translation>请按 3x224x224 的形式填写，整数用 128:int64，不含批次。</translation>
    </message>
    <message>
      <source>Write it like {0}.</source>
      <translation>请按 {0} 的形式填写。</translation>
    </message>
    <message>
      <source>Write it with numpy.savez.</source>
      <translation>请用 numpy.savez 写出。</translation>
    </message>
    <message>
      <source>Write nats, like 0.05.</source>
      <translation>请以奈特为单位填写，例如 0.05。</translation>
    </message>
    <message>
      <source>Write or copy it again.</source>
      <translation>请重新写出或复制。</translation>
    </message>
    <message>
      <source>Write {0}</source>
      <translation>写出 {0}</translation>
    </message>
    <message>
      <source>Writing</source>
      <translation>正在写出</translation>
    </message>
    <message>
      <source>Writing the file</source>
      <translation>正在写出文件</translation>
    </message>
    <message>
      <source>Writing the report</source>
      <translation>正在写出报告</translation>
    </message>
    <message>
      <source>Writing the weights</source>
      <translation>正在写出权重</translation>
    </message>
    <message>
      <source>You may not write there. Choose another folder.</source>
      <translation>没有写入该位置的权限。请选择其他文件夹。</translation>
    </message>
    <message>
      <source>Your quota on this disk is used up. Free some space, or write elsewhere.</source>
      <translation>您在此磁盘上的配额已用完。请释放空间，或写到其他位置。</translation>
    </message>
    <message>
      <source>Zero is in the middle of the grid. Otherwise each scale has a zero point of its own, which fits skewed weights better.</source>
      <translation>零位于网格的中央。否则每个缩放系数有自己的零点，更适合偏斜的权重。</translation>
    </message>
    <message>
      <source>Zeros among weights make no file smaller and no runtime faster here, so that the method weight is not mixed in.</source>
      <translation>权重中的零在此既不缩小文件也不加快运行，因此不混入 weight 方法。</translation>
    </message>
    <message>
      <source>a 7-Zip archive</source>
      <translation>7-Zip 归档</translation>
    </message>
    <message>
      <source>a GGML model (llama.cpp)</source>
      <translation>GGML 模型 (llama.cpp)</translation>
    </message>
    <message>
      <source>a GGUF model (llama.cpp)</source>
      <translation>GGUF 模型 (llama.cpp)</translation>
    </message>
    <message>
      <source>a GIF image</source>
      <translation>GIF 图像</translation>
    </message>
    <message>
      <source>a Git LFS pointer: the file itself was never downloaded</source>
      <translation>Git LFS 指针：文件本身从未下载</translation>
    </message>
    <message>
      <source>a JPEG image</source>
      <translation>JPEG 图像</translation>
    </message>
    <message>
      <source>a Java archive</source>
      <translation>Java 归档</translation>
    </message>
    <message>
      <source>a Keras model</source>
      <translation>Keras 模型</translation>
    </message>
    <message>
      <source>a NumPy array</source>
      <translation>NumPy 数组</translation>
    </message>
    <message>
      <source>a PDF document</source>
      <translation>PDF 文档</translation>
    </message>
    <message>
      <source>a PNG image</source>
      <translation>PNG 图像</translation>
    </message>
    <message>
      <source>a Parquet table</source>
      <translation>Parquet 表</translation>
    </message>
    <message>
      <source>a RAR archive</source>
      <translation>RAR 归档</translation>
    </message>
    <message>
      <source>a TensorFlow Lite model</source>
      <translation>TensorFlow Lite 模型</translation>
    </message>
    <message>
      <source>a TorchScript archive</source>
      <translation>TorchScript 归档</translation>
    </message>
    <message>
      <source>a Zstandard archive</source>
      <translation>Zstandard 归档</translation>
    </message>
    <message>
      <source>a bitmap image</source>
      <translation>位图</translation>
    </message>
    <message>
      <source>a bzip2 archive</source>
      <translation>bzip2 归档</translation>
    </message>
    <message>
      <source>a convolution of a rank {0} tensor</source>
      <translation>{0} 阶张量的卷积</translation>
    </message>
    <message>
      <source>a device</source>
      <translation>设备</translation>
    </message>
    <message>
      <source>a dropout ratio</source>
      <translation>dropout 的比例</translation>
    </message>
    <message>
      <source>a dropout ratio of {0} leaves nothing</source>
      <translation>dropout 的比例 {0} 不留下任何内容</translation>
    </message>
    <message>
      <source>a dropout's training mode</source>
      <translation>dropout 的训练模式</translation>
    </message>
    <message>
      <source>a file of torch.save</source>
      <translation>torch.save 的文件</translation>
    </message>
    <message>
      <source>a file of torch.save before torch 1.6</source>
      <translation>torch 1.6 之前的 torch.save 文件</translation>
    </message>
    <message>
      <source>a folder</source>
      <translation>文件夹</translation>
    </message>
    <message>
      <source>a folder of class folders of images, an .npz file, one or two .npy files, a .csv, .tsv or .parquet table, or a Python file with a Dataset</source>
      <translation>按类别分文件夹的图像文件夹、.npz 文件、一个或两个 .npy 文件、.csv、.tsv 或 .parquet 表格，或含有 Dataset 的 Python 文件</translation>
    </message>
    <message>
      <source>a grouped transposed convolution is not solved by least squares</source>
      <translation>分组转置卷积不能用最小二乘求解</translation>
    </message>
    <message>
      <source>a gzip archive</source>
      <translation>gzip 归档</translation>
    </message>
    <message>
      <source>a layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>a list</source>
      <translation>列表</translation>
    </message>
    <message>
      <source>a loss of {0}</source>
      <translation>损失为 {0}</translation>
    </message>
    <message>
      <source>a mapping</source>
      <translation>映射</translation>
    </message>
    <message>
      <source>a mel filter's parameter</source>
      <translation>mel 滤波器的参数</translation>
    </message>
    <message>
      <source>a number that is worked out</source>
      <translation>计算得出的数</translation>
    </message>
    <message>
      <source>a pickle that torch.save did not write</source>
      <translation>不是由 torch.save 写出的 pickle</translation>
    </message>
    <message>
      <source>a pipe</source>
      <translation>管道</translation>
    </message>
    <message>
      <source>a position in a sequence</source>
      <translation>序列中的位置</translation>
    </message>
    <message>
      <source>a program</source>
      <translation>程序</translation>
    </message>
    <message>
      <source>a range needs a step other than zero</source>
      <translation>range 的步长不能为零</translation>
    </message>
    <message>
      <source>a remainder of a division by zero</source>
      <translation>除以零的余数</translation>
    </message>
    <message>
      <source>a row</source>
      <translation>某一行</translation>
    </message>
    <message>
      <source>a rule</source>
      <translation>规则</translation>
    </message>
    <message>
      <source>a running sum needs an axis to run along</source>
      <translation>累加和需要指定轴</translation>
    </message>
    <message>
      <source>a safetensors file</source>
      <translation>safetensors 文件</translation>
    </message>
    <message>
      <source>a shape or an axis depends on the input's values</source>
      <translation>某个形状或轴取决于输入的值</translation>
    </message>
    <message>
      <source>a single number</source>
      <translation>单个数值</translation>
    </message>
    <message>
      <source>a socket</source>
      <translation>套接字</translation>
    </message>
    <message>
      <source>a sound, image or video file</source>
      <translation>音频、图像或视频文件</translation>
    </message>
    <message>
      <source>a step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>a tar archive (torch wrote these before version 0.4)</source>
      <translation>tar 归档（torch 0.4 版之前的写出格式）</translation>
    </message>
    <message>
      <source>a tensor ends before it begins</source>
      <translation>某个张量的结束位置在起始位置之前</translation>
    </message>
    <message>
      <source>a tensor, but no network</source>
      <translation>张量，而不是网络</translation>
    </message>
    <message>
      <source>a web page</source>
      <translation>网页</translation>
    </message>
    <message>
      <source>a weight of {0}</source>
      <translation>{0} 的权重</translation>
    </message>
    <message>
      <source>a zero in the new shape has no dimension to copy</source>
      <translation>新形状中的零没有可复制的维度</translation>
    </message>
    <message>
      <source>a zip archive without a model's parts</source>
      <translation>不含模型组成部分的 zip 归档</translation>
    </message>
    <message>
      <source>a {0} layer is not solved by least squares</source>
      <translation>{0} 层不能用最小二乘求解</translation>
    </message>
    <message>
      <source>an HDF5 file (Keras keeps its models in these)</source>
      <translation>HDF5 文件（Keras 以此保存模型）</translation>
    </message>
    <message>
      <source>an ONNX Runtime (.ort) model</source>
      <translation>ONNX Runtime (.ort) 模型</translation>
    </message>
    <message>
      <source>an ONNX model</source>
      <translation>ONNX 模型</translation>
    </message>
    <message>
      <source>an ONNX model that is cut short or damaged</source>
      <translation>不完整或已损坏的 ONNX 模型</translation>
    </message>
    <message>
      <source>an SQLite database</source>
      <translation>SQLite 数据库</translation>
    </message>
    <message>
      <source>an XML document</source>
      <translation>XML 文档</translation>
    </message>
    <message>
      <source>an attention mask of packed lengths</source>
      <translation>紧凑长度的注意力掩码</translation>
    </message>
    <message>
      <source>an attention without keys</source>
      <translation>没有键的注意力</translation>
    </message>
    <message>
      <source>an empty zip archive</source>
      <translation>空的 zip 归档</translation>
    </message>
    <message>
      <source>an exported program</source>
      <translation>导出程序</translation>
    </message>
    <message>
      <source>an exported program of torch 2.7 or earlier</source>
      <translation>torch 2.7 或更早版本的导出程序</translation>
    </message>
    <message>
      <source>an integer is divided by zero</source>
      <translation>整数除以零</translation>
    </message>
    <message>
      <source>an office document</source>
      <translation>办公文档</translation>
    </message>
    <message>
      <source>an xz archive</source>
      <translation>xz 归档</translation>
    </message>
    <message>
      <source>as ONNX</source>
      <translation>作为 ONNX</translation>
    </message>
    <message>
      <source>axis {0} does not exist in a tensor of rank {1}</source>
      <translation>{1} 阶张量中不存在轴 {0}</translation>
    </message>
    <message>
      <source>bfloat16</source>
      <translation>bfloat16</translation>
    </message>
    <message>
      <source>calls {0}, which is not a network operator of torch</source>
      <translation>调用了 {0}，它不是 torch 的网络算子</translation>
    </message>
    <message>
      <source>cannot be decoded: it is damaged.</source>
      <translation>无法解码：它已损坏。</translation>
    </message>
    <message>
      <source>cannot be decoded: {0}.</source>
      <translation>无法解码：{0}。</translation>
    </message>
    <message>
      <source>cannot be read as a table.</source>
      <translation>无法读作表格。</translation>
    </message>
    <message>
      <source>cannot be read: {0}.</source>
      <translation>无法读取：{0}。</translation>
    </message>
    <message>
      <source>cannot put columns of {0} ({1}) together with others.</source>
      <translation>无法将 {0}（{1}）的列与其他列放在一起。</translation>
    </message>
    <message>
      <source>channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>channel_order</source>
      <translation>channel_order</translation>
    </message>
    <message>
      <source>channels</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>column {0}</source>
      <translation>列 {0}</translation>
    </message>
    <message>
      <source>constant {0}</source>
      <translation>常量 {0}</translation>
    </message>
    <message>
      <source>coordinate transformation {0} is unknown</source>
      <translation>坐标变换 {0} 未知</translation>
    </message>
    <message>
      <source>crop goes with shorter, not with size</source>
      <translation>crop 应与 shorter 同用，而不是与 size</translation>
    </message>
    <message>
      <source>crop {0} is larger than the shorter side {1}</source>
      <translation>crop {0} 大于短边 {1}</translation>
    </message>
    <message>
      <source>cut short</source>
      <translation>不完整</translation>
    </message>
    <message>
      <source>data_layout</source>
      <translation>data_layout</translation>
    </message>
    <message>
      <source>deformable convolution of a rank {0} tensor</source>
      <translation>{0} 阶张量的可变形卷积</translation>
    </message>
    <message>
      <source>does not exist.</source>
      <translation>不存在。</translation>
    </message>
    <message>
      <source>does not have a call signature</source>
      <translation>没有调用签名</translation>
    </message>
    <message>
      <source>does not have a graph</source>
      <translation>没有图</translation>
    </message>
    <message>
      <source>element type {0} cannot be computed with</source>
      <translation>无法计算元素类型 {0}</translation>
    </message>
    <message>
      <source>ended without a result</source>
      <translation>结束但没有结果</translation>
    </message>
    <message>
      <source>external data</source>
      <translation>外部数据</translation>
    </message>
    <message>
      <source>first_label</source>
      <translation>first_label</translation>
    </message>
    <message>
      <source>float16</source>
      <translation>float16</translation>
    </message>
    <message>
      <source>float16: 11 significant bits, up to 65504. bfloat16: 8 significant bits, the range of float32.</source>
      <translation>float16：11 位有效位，最大 65504。bfloat16：8 位有效位，范围与 float32 相同。</translation>
    </message>
    <message>
      <source>float32</source>
      <translation>float32</translation>
    </message>
    <message>
      <source>give either size, or shorter and crop</source>
      <translation>请给出 size，或给出 shorter 和 crop</translation>
    </message>
    <message>
      <source>gives a sample of type {0}.</source>
      <translation>给出类型为 {0} 的样本。</translation>
    </message>
    <message>
      <source>gives the label {0}, which is not in labels.</source>
      <translation>给出标签 {0}，它不在标签列表中。</translation>
    </message>
    <message>
      <source>groups of other layers</source>
      <translation>其他层的组</translation>
    </message>
    <message>
      <source>has a damaged call signature</source>
      <translation>的调用签名已损坏</translation>
    </message>
    <message>
      <source>has a damaged table of {0}</source>
      <translation>的 {0} 表已损坏</translation>
    </message>
    <message>
      <source>has a first line that cannot be read as column names.</source>
      <translation>的首行无法读作列名。</translation>
    </message>
    <message>
      <source>has a graph that is cut short or damaged</source>
      <translation>的图不完整或已损坏</translation>
    </message>
    <message>
      <source>has a label that is not a number, at sample {0}.</source>
      <translation>在样本 {0} 处有一个不是数字的标签。</translation>
    </message>
    <message>
      <source>has a larger graph than any network</source>
      <translation>的图比任何网络都大</translation>
    </message>
    <message>
      <source>has a larger table of {0} than any network</source>
      <translation>的 {0} 表比任何网络都大</translation>
    </message>
    <message>
      <source>has a layer with an impossible name ({0})</source>
      <translation>有一个名称不合法的层（{0}）</translation>
    </message>
    <message>
      <source>has a name that is none ({0})</source>
      <translation>有一个不合法的名称（{0}）</translation>
    </message>
    <message>
      <source>has a shape that is no expression ({0})</source>
      <translation>有一个不是表达式的形状（{0}）</translation>
    </message>
    <message>
      <source>has a shape that is no plain arithmetic ({0})</source>
      <translation>有一个不是简单算式的形状（{0}）</translation>
    </message>
    <message>
      <source>has a weight whose shape is not made of numbers</source>
      <translation>有一个权重的形状不是由数字组成的</translation>
    </message>
    <message>
      <source>has arrays{0} with different numbers of samples: {1}.</source>
      <translation>有样本数不同的数组{0}：{1}。</translation>
    </message>
    <message>
      <source>has become shorter while it was open.</source>
      <translation>在打开期间变短了。</translation>
    </message>
    <message>
      <source>has far too many pixels.</source>
      <translation>的像素过多。</translation>
    </message>
    <message>
      <source>has labels but no inputs for the split '{0}'.</source>
      <translation>有标签，但划分“{0}”没有输入。</translation>
    </message>
    <message>
      <source>has labels that are neither numbers nor texts.</source>
      <translation>的标签既不是数字也不是文本。</translation>
    </message>
    <message>
      <source>has labels that are not class numbers ({0}, with fractions or several per sample).</source>
      <translation>的标签不是类别编号（{0}，含有小数或每个样本多个）。</translation>
    </message>
    <message>
      <source>has lists of different lengths.</source>
      <translation>含有长度不同的列表。</translation>
    </message>
    <message>
      <source>has lists of something other than numbers.</source>
      <translation>含有不是数字的列表。</translation>
    </message>
    <message>
      <source>has more code than any network</source>
      <translation>的代码比任何网络都多</translation>
    </message>
    <message>
      <source>has more than one array that could be {0} ({1}).</source>
      <translation>有多个数组可能是 {0}（{1}）。</translation>
    </message>
    <message>
      <source>has no column called {0} or {1}; its columns are {2}.</source>
      <translation>没有名为 {0} 或 {1} 的列；其列为 {2}。</translation>
    </message>
    <message>
      <source>has no column that a network could read{0}.</source>
      <translation>没有网络可读取的列{0}。</translation>
    </message>
    <message>
      <source>has no column {0}, only {1}.</source>
      <translation>没有列 {0}，只有 {1}。</translation>
    </message>
    <message>
      <source>has no graph (compiled code alone cannot be read)</source>
      <translation>没有图（无法读取仅有的编译代码）</translation>
    </message>
    <message>
      <source>has no {discriminator}</source>
      <translation>没有 {discriminator}</translation>
    </message>
    <message>
      <source>has samples of {0} each, which is too large.</source>
      <translation>的每个样本为 {0}，太大了。</translation>
    </message>
    <message>
      <source>has the type {0}, which no network reads.</source>
      <translation>的类型为 {0}，没有网络能读取。</translation>
    </message>
    <message>
      <source>has the weight {0} as {1} where its graph expects {2}</source>
      <translation>的权重 {0} 为 {1}，而其图要求 {2}</translation>
    </message>
    <message>
      <source>has two columns called {0}.</source>
      <translation>有两个名为 {0} 的列。</translation>
    </message>
    <message>
      <source>has {0} cells in {1}, where {2} are expected.</source>
      <translation>在{1}中有 {0} 个单元格，应有 {2} 个。</translation>
    </message>
    <message>
      <source>has {0} columns of {1} that could go in: {2}.</source>
      <translation>有 {0} 个可作为输入的 {1} 列：{2}。</translation>
    </message>
    <message>
      <source>has {0} columns, which is too many.</source>
      <translation>有 {0} 列，太多了。</translation>
    </message>
    <message>
      <source>has {0} folders, too many for classes.</source>
      <translation>有 {0} 个文件夹，作为类别太多。</translation>
    </message>
    <message>
      <source>has {0}×{1} pixels, which is too many.</source>
      <translation>有 {0}×{1} 个像素，太多了。</translation>
    </message>
    <message>
      <source>holds Python objects, which are stored as a pickle that could run code.</source>
      <translation>包含 Python 对象，它们存储为可能运行代码的 pickle。</translation>
    </message>
    <message>
      <source>holds an entry whose name leads outside it ({0})</source>
      <translation>包含名称指向外部的条目（{0}）</translation>
    </message>
    <message>
      <source>holds an entry with an impossible name ({0})</source>
      <translation>包含名称不合法的条目（{0}）</translation>
    </message>
    <message>
      <source>holds an image that {0}</source>
      <translation>包含一张图像，它{0}</translation>
    </message>
    <message>
      <source>holds an object that brings its own code</source>
      <translation>包含自带代码的对象</translation>
    </message>
    <message>
      <source>holds an object that brings its own code ({0})</source>
      <translation>包含自带代码的对象（{0}）</translation>
    </message>
    <message>
      <source>holds an object that brings its own code, or lacks one ({0})</source>
      <translation>包含自带代码的对象，或缺少对象（{0}）</translation>
    </message>
    <message>
      <source>holds entries that overlap, as zip bombs do</source>
      <translation>包含相互重叠的条目，与 zip 炸弹相同</translation>
    </message>
    <message>
      <source>holds no arrays.</source>
      <translation>不包含数组。</translation>
    </message>
    <message>
      <source>holds no images ({0}).</source>
      <translation>不包含图像（{0}）。</translation>
    </message>
    <message>
      <source>holds no rows.</source>
      <translation>不包含任何行。</translation>
    </message>
    <message>
      <source>holds no table where one belongs ({0})</source>
      <translation>在应有表的地方没有表（{0}）</translation>
    </message>
    <message>
      <source>holds no text where some belongs ({0})</source>
      <translation>在应有文本的地方没有文本（{0}）</translation>
    </message>
    <message>
      <source>holds text where none belongs ({0})</source>
      <translation>在不应有文本的地方有文本（{0}）</translation>
    </message>
    <message>
      <source>holds texts of {0} characters, which are no labels.</source>
      <translation>包含 {0} 个字符的文本，不能作为标签。</translation>
    </message>
    <message>
      <source>holds texts, which need a tokenizer file.</source>
      <translation>包含文本，需要分词器文件。</translation>
    </message>
    <message>
      <source>holds two entries named {0}</source>
      <translation>包含两个名为 {0} 的条目</translation>
    </message>
    <message>
      <source>holds {0} arrays, which is too many.</source>
      <translation>包含 {0} 个数组，太多了。</translation>
    </message>
    <message>
      <source>holds {0}, not train, validation or test.</source>
      <translation>包含 {0}，而不是 train、validation 或 test。</translation>
    </message>
    <message>
      <source>holds {0}, which is not a number.</source>
      <translation>包含 {0}，它不是数字。</translation>
    </message>
    <message>
      <source>input_shape</source>
      <translation>input_shape</translation>
    </message>
    <message>
      <source>input_shape has {0} axes, but layout is {1}</source>
      <translation>input_shape 有 {0} 个轴，而 layout 为 {1}</translation>
    </message>
    <message>
      <source>is a folder, not a file.</source>
      <translation>是文件夹，而不是文件。</translation>
    </message>
    <message>
      <source>is a single number, not an array of samples.</source>
      <translation>是单个数值，而不是样本数组。</translation>
    </message>
    <message>
      <source>is an ONNX model in which {0} nodes write the value {1}</source>
      <translation>是有 {0} 个节点写入值 {1} 的 ONNX 模型</translation>
    </message>
    <message>
      <source>is an ONNX model that is cut short or damaged ({0})</source>
      <translation>是不完整或已损坏的 ONNX 模型（{0}）</translation>
    </message>
    <message>
      <source>is an ONNX model that is damaged: {0}</source>
      <translation>是已损坏的 ONNX 模型：{0}</translation>
    </message>
    <message>
      <source>is an ONNX model whose node {0} uses the value {1}, which nothing makes</source>
      <translation>是一个 ONNX 模型，其节点 {0} 使用了没有来源的值 {1}</translation>
    </message>
    <message>
      <source>is an ONNX model whose output {0} nothing makes</source>
      <translation>是一个 ONNX 模型，其输出 {0} 没有来源</translation>
    </message>
    <message>
      <source>is an ONNX model whose tensor {0} has a type that is not known</source>
      <translation>是一个 ONNX 模型，其张量 {0} 的类型未知</translation>
    </message>
    <message>
      <source>is an ONNX model whose tensor {0} has the impossible shape {1}</source>
      <translation>是一个 ONNX 模型，其张量 {0} 的形状 {1} 不合法</translation>
    </message>
    <message>
      <source>is an ONNX model whose tensor {0} has {1} bytes where its shape {2} needs {3}</source>
      <translation>是一个 ONNX 模型，其张量 {0} 有 {1} 个字节，而其形状 {2} 需要 {3} 个</translation>
    </message>
    <message>
      <source>is an ONNX model whose tensor {0} has {1} values where its shape {2} needs {3}</source>
      <translation>是一个 ONNX 模型，其张量 {0} 有 {1} 个值，而其形状 {2} 需要 {3} 个</translation>
    </message>
    <message>
      <source>is an ONNX model with a sparse tensor of an impossible shape</source>
      <translation>是一个 ONNX 模型，其稀疏张量的形状不合法</translation>
    </message>
    <message>
      <source>is an ONNX model with graphs nested more than {0} deep</source>
      <translation>是图嵌套超过 {0} 层的 ONNX 模型</translation>
    </message>
    <message>
      <source>is an ONNX model without a graph</source>
      <translation>是没有图的 ONNX 模型</translation>
    </message>
    <message>
      <source>is an empty folder.</source>
      <translation>是空文件夹。</translation>
    </message>
    <message>
      <source>is cut short: its header promises {0}, and there are {1}.</source>
      <translation>不完整：其文件头声明 {0}，而实际有 {1}。</translation>
    </message>
    <message>
      <source>is damaged: {0} cannot be read.</source>
      <translation>已损坏：无法读取{0}。</translation>
    </message>
    <message>
      <source>is empty, and every row needs a label.</source>
      <translation>为空，而每一行都需要标签。</translation>
    </message>
    <message>
      <source>is empty.</source>
      <translation>是空的。</translation>
    </message>
    <message>
      <source>is encrypted</source>
      <translation>已加密</translation>
    </message>
    <message>
      <source>is encrypted.</source>
      <translation>已加密。</translation>
    </message>
    <message>
      <source>is larger than the 2 GiB an ONNX file can have</source>
      <translation>超过了 ONNX 文件的 2 GiB 上限</translation>
    </message>
    <message>
      <source>is missing</source>
      <translation>缺失</translation>
    </message>
    <message>
      <source>is neither a file nor a folder.</source>
      <translation>既不是文件，也不是文件夹。</translation>
    </message>
    <message>
      <source>is nested too deep</source>
      <translation>嵌套过深</translation>
    </message>
    <message>
      <source>is not UTF-8 text throughout.</source>
      <translation>不全是 UTF-8 文本。</translation>
    </message>
    <message>
      <source>is not a Parquet file, or is damaged.</source>
      <translation>不是 Parquet 文件，或已损坏。</translation>
    </message>
    <message>
      <source>is not a Python file.</source>
      <translation>不是 Python 文件。</translation>
    </message>
    <message>
      <source>is not a numpy array, or is damaged.</source>
      <translation>不是 numpy 数组，或已损坏。</translation>
    </message>
    <message>
      <source>is not a parameter here</source>
      <translation>不是此处的参数</translation>
    </message>
    <message>
      <source>is not a path.</source>
      <translation>不是路径。</translation>
    </message>
    <message>
      <source>is not a table of UTF-8 text.</source>
      <translation>不是 UTF-8 文本表格。</translation>
    </message>
    <message>
      <source>is not a tokenizer file.</source>
      <translation>不是分词器文件。</translation>
    </message>
    <message>
      <source>is not an .npz archive, or is damaged.</source>
      <translation>不是 .npz 归档，或已损坏。</translation>
    </message>
    <message>
      <source>is not an image that can be decoded.</source>
      <translation>不是可解码的图像。</translation>
    </message>
    <message>
      <source>is not data in a form that is read here{0}.</source>
      <translation>不是此处可读取的数据形式{0}。</translation>
    </message>
    <message>
      <source>is stored in Fortran order, and {0} is too much to turn round.</source>
      <translation>以 Fortran 顺序存储，而 {0} 太大，无法转换。</translation>
    </message>
    <message>
      <source>is too large to be a tokenizer file.</source>
      <translation>太大，不可能是分词器文件。</translation>
    </message>
    <message>
      <source>is {0}×{1}, too long and thin to be resized.</source>
      <translation>为 {0}×{1}，过于细长，无法调整尺寸。</translation>
    </message>
    <message>
      <source>it applies a graph of its own</source>
      <translation>它应用自带的图</translation>
    </message>
    <message>
      <source>it applies a graph to each element of a sequence</source>
      <translation>它对序列的每个元素应用一个图</translation>
    </message>
    <message>
      <source>it asks for more memory than there is</source>
      <translation>它要求的内存超过现有内存</translation>
    </message>
    <message>
      <source>it branches on a value that depends on the input</source>
      <translation>它的分支取决于依赖输入的值</translation>
    </message>
    <message>
      <source>it breaks off</source>
      <translation>它中途断开</translation>
    </message>
    <message>
      <source>it chooses boxes by their values, so its output has no fixed size</source>
      <translation>它按数值选择框，因此其输出没有固定大小</translation>
    </message>
    <message>
      <source>it clips its gates</source>
      <translation>它对门作截断</translation>
    </message>
    <message>
      <source>it collects the results of no repetition at all</source>
      <translation>它收集的结果来自零次重复</translation>
    </message>
    <message>
      <source>it counts n-grams, which has no gradient</source>
      <translation>它统计 n 元组，没有梯度</translation>
    </message>
    <message>
      <source>it decodes image files</source>
      <translation>它解码图像文件</translation>
    </message>
    <message>
      <source>it gets {0} of {1} samples right, the network {2}</source>
      <translation>它在 {1} 个样本中答对 {0} 个，网络答对 {2} 个</translation>
    </message>
    <message>
      <source>it has none</source>
      <translation>它没有</translation>
    </message>
    <message>
      <source>it has peephole connections</source>
      <translation>它有窥孔连接</translation>
    </message>
    <message>
      <source>it holds no tensors</source>
      <translation>它不包含张量</translation>
    </message>
    <message>
      <source>it holds something else</source>
      <translation>它包含其他内容</translation>
    </message>
    <message>
      <source>it is damaged or cut short</source>
      <translation>它已损坏或不完整</translation>
    </message>
    <message>
      <source>it is larger or deeper than any program</source>
      <translation>它比任何程序都更大或更深</translation>
    </message>
    <message>
      <source>it is of another version</source>
      <translation>它是其他版本的</translation>
    </message>
    <message>
      <source>it is too large</source>
      <translation>它太大</translation>
    </message>
    <message>
      <source>it may run anything</source>
      <translation>它可能运行任何内容</translation>
    </message>
    <message>
      <source>it names more classes than any network has</source>
      <translation>它指明的类比任何网络都多</translation>
    </message>
    <message>
      <source>it normalizes each position on its own, as before operator set 9</source>
      <translation>它像算子集 9 之前那样单独归一化每个位置</translation>
    </message>
    <message>
      <source>it quantizes to {0}</source>
      <translation>它量化为 {0}</translation>
    </message>
    <message>
      <source>it refers to something that is not a tensor</source>
      <translation>它引用了不是张量的内容</translation>
    </message>
    <message>
      <source>it repeats more than {0} times</source>
      <translation>它重复超过 {0} 次</translation>
    </message>
    <message>
      <source>it walks over a length that varies or is above {0}</source>
      <translation>它遍历的长度不固定或大于 {0}</translation>
    </message>
    <message>
      <source>it works on text</source>
      <translation>它处理文本</translation>
    </message>
    <message>
      <source>it would import {0}</source>
      <translation>它会导入 {0}</translation>
    </message>
    <message>
      <source>its activations are {0}</source>
      <translation>其激活函数为 {0}</translation>
    </message>
    <message>
      <source>its arrays differ in length</source>
      <translation>其数组长度不同</translation>
    </message>
    <message>
      <source>its checksum is another</source>
      <translation>其校验和不同</translation>
    </message>
    <message>
      <source>its columns are reordered (g_idx)</source>
      <translation>其列已重新排序 (g_idx)</translation>
    </message>
    <message>
      <source>its directory is missing</source>
      <translation>其目录缺失</translation>
    </message>
    <message>
      <source>its header is cut short</source>
      <translation>其文件头不完整</translation>
    </message>
    <message>
      <source>its header makes no sense ({0})</source>
      <translation>其文件头没有意义（{0}）</translation>
    </message>
    <message>
      <source>its input and forget gates are coupled</source>
      <translation>其输入门与遗忘门耦合</translation>
    </message>
    <message>
      <source>its nodes form a circle</source>
      <translation>其节点形成环路</translation>
    </message>
    <message>
      <source>its structure is larger than any network's</source>
      <translation>其结构比任何网络都大</translation>
    </message>
    <message>
      <source>its tensors are big-endian</source>
      <translation>其张量为大端序</translation>
    </message>
    <message>
      <source>its tensors are cut short</source>
      <translation>其张量不完整</translation>
    </message>
    <message>
      <source>its tensors are missing</source>
      <translation>其张量缺失</translation>
    </message>
    <message>
      <source>its weight is missing</source>
      <translation>其权重缺失</translation>
    </message>
    <message>
      <source>its weights are NaN or infinite.</source>
      <translation>其权重为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>its weights are already quantized</source>
      <translation>其权重已量化</translation>
    </message>
    <message>
      <source>its weights are computed by the network itself</source>
      <translation>其权重由网络自身计算</translation>
    </message>
    <message>
      <source>its weights are used in several places</source>
      <translation>其权重在多处使用</translation>
    </message>
    <message>
      <source>its weights cannot be solved for</source>
      <translation>无法求解其权重</translation>
    </message>
    <message>
      <source>its weights have {0} bits</source>
      <translation>其权重为 {0} 位</translation>
    </message>
    <message>
      <source>its zeros have to stay</source>
      <translation>其零必须保留</translation>
    </message>
    <message>
      <source>its {0} is missing</source>
      <translation>其 {0} 缺失</translation>
    </message>
    <message>
      <source>its {discriminator} must be one of {expected_tags}, not “{tag}”</source>
      <translation>其 {discriminator} 必须是 {expected_tags} 之一，而不是“{tag}”</translation>
    </message>
    <message>
      <source>keeps the weight {0} as a pickle that would run code</source>
      <translation>将权重 {0} 保存为会运行代码的 pickle</translation>
    </message>
    <message>
      <source>keeps weights in {0}, which is a hard link to another file</source>
      <translation>将权重存放在 {0} 中，它是另一文件的硬链接</translation>
    </message>
    <message>
      <source>keeps weights in {0}, which is a link or no plain file</source>
      <translation>将权重存放在 {0} 中，它是链接或不是普通文件</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>labels has '{0}' more than once</source>
      <translation>labels 中“{0}”出现了不止一次</translation>
    </message>
    <message>
      <source>lacks the bytes of a weight ({0})</source>
      <translation>缺少某个权重的字节（{0}）</translation>
    </message>
    <message>
      <source>lacks the bytes of the weight {0}</source>
      <translation>缺少权重 {0} 的字节</translation>
    </message>
    <message>
      <source>lacks the weight {0}</source>
      <translation>缺少权重 {0}</translation>
    </message>
    <message>
      <source>layout</source>
      <translation>layout</translation>
    </message>
    <message>
      <source>learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>line {0}</source>
      <translation>第 {0} 行</translation>
    </message>
    <message>
      <source>linear algebra</source>
      <translation>线性代数</translation>
    </message>
    <message>
      <source>linear attention over a length that is not fixed</source>
      <translation>长度不固定的线性注意力</translation>
    </message>
    <message>
      <source>lists of numbers</source>
      <translation>数字列表</translation>
    </message>
    <message>
      <source>lists of {0} and {1} numbers do not broadcast</source>
      <translation>{0} 个与 {1} 个数字的列表无法广播</translation>
    </message>
    <message>
      <source>makes no data set.</source>
      <translation>没有产生数据集。</translation>
    </message>
    <message>
      <source>mean</source>
      <translation>mean</translation>
    </message>
    <message>
      <source>mean has {0} numbers and std has {1}; both need one per channel</source>
      <translation>mean 有 {0} 个数字，std 有 {1} 个；两者都须每个通道一个</translation>
    </message>
    <message>
      <source>method</source>
      <translation>method</translation>
    </message>
    <message>
      <source>minmax: every value seen fits. percentile: a share of them does. mse: the least squared error. entropy: the distribution that is nearest to that of the values.</source>
      <translation>minmax：包含出现过的所有值。percentile：包含其中一定比例。mse：平方误差最小。entropy：与值的分布最接近的分布。</translation>
    </message>
    <message>
      <source>minmax: every weight fits. mse: large weights may be clipped where that makes the error of the layer's output smaller.</source>
      <translation>minmax：包含所有权重。mse：在能减小层输出误差时，可截断较大的权重。</translation>
    </message>
    <message>
      <source>must be a finite number</source>
      <translation>必须是有限数</translation>
    </message>
    <message>
      <source>must be a layer's name, a pattern or a list of them, not {0}</source>
      <translation>必须是层的名称、模式或其列表，而不是 {0}</translation>
    </message>
    <message>
      <source>must be a list</source>
      <translation>必须是列表</translation>
    </message>
    <message>
      <source>must be a list of rules, not {0}</source>
      <translation>必须是规则的列表，而不是 {0}</translation>
    </message>
    <message>
      <source>must be a list of steps, not {0}</source>
      <translation>必须是步骤的列表，而不是 {0}</translation>
    </message>
    <message>
      <source>must be a mapping</source>
      <translation>必须是映射</translation>
    </message>
    <message>
      <source>must be a multiple of {multiple_of}</source>
      <translation>必须是 {multiple_of} 的倍数</translation>
    </message>
    <message>
      <source>must be a name, not {0}</source>
      <translation>必须是名称，而不是 {0}</translation>
    </message>
    <message>
      <source>must be a number</source>
      <translation>必须是数字</translation>
    </message>
    <message>
      <source>must be a whole number</source>
      <translation>必须是整数</translation>
    </message>
    <message>
      <source>must be a whole number from 0 to {0}, not {1}</source>
      <translation>必须是 0 到 {0} 的整数，而不是 {1}</translation>
    </message>
    <message>
      <source>must be above {gt}</source>
      <translation>必须大于 {gt}</translation>
    </message>
    <message>
      <source>must be at least {ge}</source>
      <translation>必须不小于 {ge}</translation>
    </message>
    <message>
      <source>must be at most {le}</source>
      <translation>必须不大于 {le}</translation>
    </message>
    <message>
      <source>must be below {lt}</source>
      <translation>必须小于 {lt}</translation>
    </message>
    <message>
      <source>must be empty</source>
      <translation>必须为空</translation>
    </message>
    <message>
      <source>must be plain data, not {0}</source>
      <translation>必须是普通数据，而不是 {0}</translation>
    </message>
    <message>
      <source>must be text</source>
      <translation>必须是文本</translation>
    </message>
    <message>
      <source>must be true or false</source>
      <translation>必须是 true 或 false</translation>
    </message>
    <message>
      <source>must be true or false, not {0}</source>
      <translation>必须是 true 或 false，而不是 {0}</translation>
    </message>
    <message>
      <source>must be {0}, not {1}</source>
      <translation>必须是 {0}，而不是 {1}</translation>
    </message>
    <message>
      <source>must be {expected}</source>
      <translation>必须是 {expected}</translation>
    </message>
    <message>
      <source>n must be below m, not {0} of {1}.</source>
      <translation>n 必须小于 m，不能是 {1} 中的 {0}。</translation>
    </message>
    <message>
      <source>names a dialect that is not torch's own</source>
      <translation>使用了不属于 torch 自身的方言</translation>
    </message>
    <message>
      <source>names its data file {0}, which is not inside its folder</source>
      <translation>指定的数据文件 {0} 不在其文件夹中</translation>
    </message>
    <message>
      <source>nearest mode {0} is unknown</source>
      <translation>最近邻模式 {0} 未知</translation>
    </message>
    <message>
      <source>nearest: seconds. gptq: column by column, the rest makes up for the error. adaround: learned block by block; the best at 4 bits and below.</source>
      <translation>nearest：数秒。gptq：逐列取整，由其余各列弥补误差。adaround：逐块学习；4 位及以下时最佳。</translation>
    </message>
    <message>
      <source>needs a temporary file of {0} or more, which cannot be written: {1}.</source>
      <translation>需要 {0} 或更大的临时文件，但无法写入：{1}。</translation>
    </message>
    <message>
      <source>no tensors</source>
      <translation>没有张量</translation>
    </message>
    <message>
      <source>nothing that is known here</source>
      <translation>没有任何已知内容</translation>
    </message>
    <message>
      <source>one of its steps depends on the values of its input</source>
      <translation>其中一步取决于输入的值</translation>
    </message>
    <message>
      <source>one output</source>
      <translation>一个输出</translation>
    </message>
    <message>
      <source>operator set 8 defines it in another way</source>
      <translation>算子集 8 对它的定义不同</translation>
    </message>
    <message>
      <source>other: {0}</source>
      <translation>其他：{0}</translation>
    </message>
    <message>
      <source>outputs differ by {0} of the largest one</source>
      <translation>输出的差异为最大输出的 {0}</translation>
    </message>
    <message>
      <source>outputs differ by {0} of their size (root mean square)</source>
      <translation>输出的差异为其大小的 {0}（均方根）</translation>
    </message>
    <message>
      <source>packed weights of {0} bits</source>
      <translation>{0} 位的打包权重</translation>
    </message>
    <message>
      <source>padding mode {0} is unknown</source>
      <translation>填充模式 {0} 未知</translation>
    </message>
    <message>
      <source>pads has {0} numbers for {1} axes</source>
      <translation>pads 有 {0} 个数字，而轴有 {1} 个</translation>
    </message>
    <message>
      <source>pairs of nothing</source>
      <translation>空的配对</translation>
    </message>
    <message>
      <source>plain text</source>
      <translation>纯文本</translation>
    </message>
    <message>
      <source>pooling over {0} axes of a rank {1} tensor</source>
      <translation>在 {1} 阶张量的 {0} 个轴上池化</translation>
    </message>
    <message>
      <source>position {0} is outside a sequence of {1}</source>
      <translation>位置 {0} 超出长度为 {1} 的序列</translation>
    </message>
    <message>
      <source>recurrence weight</source>
      <translation>循环权重</translation>
    </message>
    <message>
      <source>resize</source>
      <translation>resize</translation>
    </message>
    <message>
      <source>resize mode {0} is unknown</source>
      <translation>缩放模式 {0} 未知</translation>
    </message>
    <message>
      <source>rotary embedding inside a packed attention</source>
      <translation>打包注意力中的旋转嵌入</translation>
    </message>
    <message>
      <source>rotary embedding of packed batches</source>
      <translation>打包批次的旋转嵌入</translation>
    </message>
    <message>
      <source>row {0}</source>
      <translation>第 {0} 行</translation>
    </message>
    <message>
      <source>rule {0}</source>
      <translation>规则 {0}</translation>
    </message>
    <message>
      <source>rules</source>
      <translation>rules</translation>
    </message>
    <message>
      <source>says that its shape is {0}.</source>
      <translation>声明其形状为 {0}。</translation>
    </message>
    <message>
      <source>scale</source>
      <translation>scale</translation>
    </message>
    <message>
      <source>scale must not be 0</source>
      <translation>scale 不能为 0</translation>
    </message>
    <message>
      <source>signal {0}</source>
      <translation>信号 {0}</translation>
    </message>
    <message>
      <source>single number</source>
      <translation>单个数值</translation>
    </message>
    <message>
      <source>something else</source>
      <translation>其他内容</translation>
    </message>
    <message>
      <source>status {0}</source>
      <translation>状态 {0}</translation>
    </message>
    <message>
      <source>std</source>
      <translation>std</translation>
    </message>
    <message>
      <source>std must be greater than 0</source>
      <translation>std 必须大于 0</translation>
    </message>
    <message>
      <source>step</source>
      <translation>步</translation>
    </message>
    <message>
      <source>step {0}</source>
      <translation>步骤 {0}</translation>
    </message>
    <message>
      <source>step {0} ({1})</source>
      <translation>步骤 {0}（{1}）</translation>
    </message>
    <message>
      <source>steps</source>
      <translation>步</translation>
    </message>
    <message>
      <source>strings and sparse tensors cannot be computed with</source>
      <translation>无法计算字符串和稀疏张量</translation>
    </message>
    <message>
      <source>takes or returns objects of type {0}</source>
      <translation>接受或返回类型为 {0} 的对象</translation>
    </message>
    <message>
      <source>task</source>
      <translation>task</translation>
    </message>
    <message>
      <source>text cannot be computed with</source>
      <translation>无法计算文本</translation>
    </message>
    <message>
      <source>the axis of a DFT</source>
      <translation>DFT 的轴</translation>
    </message>
    <message>
      <source>the axis of a running sum</source>
      <translation>累加和的轴</translation>
    </message>
    <message>
      <source>the calibration data never reach it, or are not finite there.</source>
      <translation>校准数据从未到达它，或在此处不是有限值。</translation>
    </message>
    <message>
      <source>the constant {0} cannot be worked out</source>
      <translation>无法得出常量 {0}</translation>
    </message>
    <message>
      <source>the depth of OneHot</source>
      <translation>OneHot 的深度</translation>
    </message>
    <message>
      <source>the diagonal of Trilu</source>
      <translation>Trilu 的对角线</translation>
    </message>
    <message>
      <source>the fused activation {0} is unknown</source>
      <translation>融合激活 {0} 未知</translation>
    </message>
    <message>
      <source>the input channels of the packed weight are out of order</source>
      <translation>打包权重的输入通道顺序错乱</translation>
    </message>
    <message>
      <source>the number of elements of TopK</source>
      <translation>TopK 的元素个数</translation>
    </message>
    <message>
      <source>the number of repetitions depends on the input</source>
      <translation>重复次数取决于输入</translation>
    </message>
    <message>
      <source>the range</source>
      <translation>range</translation>
    </message>
    <message>
      <source>the region of a Resize</source>
      <translation>Resize 的区域</translation>
    </message>
    <message>
      <source>the scale of a Resize</source>
      <translation>Resize 的缩放系数</translation>
    </message>
    <message>
      <source>the sequences of a batch have lengths of their own</source>
      <translation>同一批次的序列各有自己的长度</translation>
    </message>
    <message>
      <source>the size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>the standard one</source>
      <translation>标准域</translation>
    </message>
    <message>
      <source>the step of a slice has to be a constant other than zero</source>
      <translation>切片的步长必须是非零常量</translation>
    </message>
    <message>
      <source>the step of an STFT</source>
      <translation>STFT 的步长</translation>
    </message>
    <message>
      <source>there is no graph: only what changes weights alone can be applied</source>
      <translation>没有图：只能应用仅更改权重的处理</translation>
    </message>
    <message>
      <source>this form of it is not known</source>
      <translation>它的这种形式未知</translation>
    </message>
    <message>
      <source>this operator (of domain {0}) is not known here</source>
      <translation>此算子（域 {0}）未知</translation>
    </message>
    <message>
      <source>too large</source>
      <translation>过大</translation>
    </message>
    <message>
      <source>type {0} has no counterpart in torch</source>
      <translation>类型 {0} 在 torch 中没有对应</translation>
    </message>
    <message>
      <source>uniform: every group loses the same share; global: the lowest scores of all groups go, wherever they are; sensitivity: groups that the answers depend on little lose more (measured on calibration data).</source>
      <translation>uniform：每组移除相同的比例；global：移除所有组中评分最低的通道，无论位于何处；sensitivity：对答案影响小的组移除得更多（在校准数据上测量）。</translation>
    </message>
    <message>
      <source>uses a compression that cannot be read here.</source>
      <translation>使用了此处无法读取的压缩方式。</translation>
    </message>
    <message>
      <source>validation accuracy</source>
      <translation>验证准确率</translation>
    </message>
    <message>
      <source>validation loss</source>
      <translation>验证损失</translation>
    </message>
    <message>
      <source>view of {0}</source>
      <translation>{0} 的视图</translation>
    </message>
    <message>
      <source>was changed while it was open.</source>
      <translation>在打开期间被更改。</translation>
    </message>
    <message>
      <source>web page</source>
      <translation>网页</translation>
    </message>
    <message>
      <source>with linear_before_reset=0 it is unrolled, which needs a fixed length of at most {0} steps</source>
      <translation>linear_before_reset=0 时会展开，需要不超过 {0} 步的固定长度</translation>
    </message>
    <message>
      <source>without a name</source>
      <translation>未命名</translation>
    </message>
    <message>
      <source>would grow from {0} to {1} when decompressed, so it is not opened.</source>
      <translation>解压后将从 {0} 增大到 {1}，因此不打开。</translation>
    </message>
    <message>
      <source>would grow to {0} when read, so it is not opened.</source>
      <translation>读取时将增大到 {0}，因此不打开。</translation>
    </message>
    <message>
      <source>would open files when it is loaded ({0})</source>
      <translation>载入时会打开文件（{0}）</translation>
    </message>
    <message>
      <source>would unpack from {0} to {1} bytes, as zip bombs do</source>
      <translation>解压后将从 {0} 字节增大到 {1} 字节，与 zip 炸弹相同</translation>
    </message>
    <message>
      <source>writing {0} is not allowed here</source>
      <translation>此处不允许写入 {0}</translation>
    </message>
    <message>
      <source>{0} % right</source>
      <translation>正确率 {0} %</translation>
    </message>
    <message>
      <source>{0} (--fix {1}=VALUE on the command line).</source>
      <translation>{0}（命令行中为 --fix {1}=VALUE）。</translation>
    </message>
    <message>
      <source>{0} (and {1} more problem{2})</source>
      <translation>{0}（另有 {1} 个问题{2}）</translation>
    </message>
    <message>
      <source>{0} (it looks like an {1} file: rename it)</source>
      <translation>{0}（看起来是 {1} 文件：请重命名）</translation>
    </message>
    <message>
      <source>{0} ({1}) is not understood.</source>
      <translation>{0}（{1}）无法理解。</translation>
    </message>
    <message>
      <source>{0} Espalier reads {1}.</source>
      <translation>{0}Espalier 可读取{1}。</translation>
    </message>
    <message>
      <source>{0} The order of the axes is not known.</source>
      <translation>{0}轴的顺序未知。</translation>
    </message>
    <message>
      <source>{0} already has a part called {1}</source>
      <translation>{0} 已有名为 {1} 的部分</translation>
    </message>
    <message>
      <source>{0} and {1} more</source>
      <translation>{0} 以及另外 {1} 个</translation>
    </message>
    <message>
      <source>{0} and {1} more layers</source>
      <translation>{0} 以及另外 {1} 个层</translation>
    </message>
    <message>
      <source>{0} and {1} more {2}</source>
      <translation>{0} 以及另外 {1} 个{2}</translation>
    </message>
    <message>
      <source>{0} are missing: {1}</source>
      <translation>缺少 {0}：{1}</translation>
    </message>
    <message>
      <source>{0} are of different kinds and share their weights, so they stay as they are.</source>
      <translation>{0} 类型不同而共享权重，因此保持原样。</translation>
    </message>
    <message>
      <source>{0} bytes that start with zeros: a download that did not finish</source>
      <translation>{0} 字节，以零开头：未完成的下载</translation>
    </message>
    <message>
      <source>{0} calibration samples are used: more would not fit in memory.</source>
      <translation>使用 {0} 个校准样本：更多则内存不足。</translation>
    </message>
    <message>
      <source>{0} calibration samples were used, as many as memory allows.</source>
      <translation>使用了 {0} 个校准样本，为内存所能容纳的数量。</translation>
    </message>
    <message>
      <source>{0} cannot be opened ({1})</source>
      <translation>无法打开 {0}（{1}）</translation>
    </message>
    <message>
      <source>{0} cannot be part of a trainable graph: {1}</source>
      <translation>{0} 不能成为可训练图的一部分：{1}</translation>
    </message>
    <message>
      <source>{0} cannot be read as ONNX ({1})</source>
      <translation>无法将 {0} 读作 ONNX（{1}）</translation>
    </message>
    <message>
      <source>{0} cannot be read: it is damaged, or uses what is not known here ({1})</source>
      <translation>无法读取 {0}：它已损坏，或使用了未知的内容（{1}）</translation>
    </message>
    <message>
      <source>{0} cannot be read: {1}.</source>
      <translation>无法读取 {0}：{1}。</translation>
    </message>
    <message>
      <source>{0} cannot be used: {1}</source>
      <translation>无法使用 {0}：{1}</translation>
    </message>
    <message>
      <source>{0} cannot be written ({1})</source>
      <translation>无法写入 {0}（{1}）</translation>
    </message>
    <message>
      <source>{0} cannot be written: {1}</source>
      <translation>无法写入 {0}：{1}</translation>
    </message>
    <message>
      <source>{0} cannot be written: {1}.</source>
      <translation>无法写入 {0}：{1}。</translation>
    </message>
    <message>
      <source>{0} combines the channels with values that have a fixed size.</source>
      <translation>{0} 将通道与固定大小的值合并。</translation>
    </message>
    <message>
      <source>{0} compares positions, which are no channels here.</source>
      <translation>{0} 比较的是位置，在此不是通道。</translation>
    </message>
    <message>
      <source>{0} cuts the channels where it cannot be followed.</source>
      <translation>{0} 在无法跟踪之处切分通道。</translation>
    </message>
    <message>
      <source>{0} depends on the input's values</source>
      <translation>{0} 取决于输入的值</translation>
    </message>
    <message>
      <source>{0} does not fit its inputs: {1}</source>
      <translation>{0} 与其输入不匹配：{1}</translation>
    </message>
    <message>
      <source>{0} does not hold a trial's answers: {1}</source>
      <translation>{0} 不包含试验的答案：{1}</translation>
    </message>
    <message>
      <source>{0} does not name an architecture</source>
      <translation>{0} 没有指明网络结构</translation>
    </message>
    <message>
      <source>{0} does not run on inputs of shape {1}: {2}</source>
      <translation>{0} 无法在形状为 {1} 的输入上运行：{2}</translation>
    </message>
    <message>
      <source>{0} does not run on the network's inputs: {1}</source>
      <translation>{0} 无法在网络的输入上运行：{1}</translation>
    </message>
    <message>
      <source>{0} does not run with an input of that shape: {1}</source>
      <translation>{0} 无法在该形状的输入上运行：{1}</translation>
    </message>
    <message>
      <source>{0} does not say which format to write</source>
      <translation>{0} 没有说明要写出的格式</translation>
    </message>
    <message>
      <source>{0} does not say which shape its input has</source>
      <translation>{0} 没有说明其输入的形状</translation>
    </message>
    <message>
      <source>{0} ends outside the file</source>
      <translation>{0} 的结束位置在文件之外</translation>
    </message>
    <message>
      <source>{0} files do not make one data set.</source>
      <translation>{0} 个文件不能组成一个数据集。</translation>
    </message>
    <message>
      <source>{0} folders hold no images.</source>
      <translation>{0} 个文件夹不含图像。</translation>
    </message>
    <message>
      <source>{0} gate</source>
      <translation>{0} 门</translation>
    </message>
    <message>
      <source>{0} gives an output of shape {1}, and the network one of {2}</source>
      <translation>{0} 给出形状为 {1} 的输出，而网络给出 {2}</translation>
    </message>
    <message>
      <source>{0} gives no finite value, and stays float.</source>
      <translation>{0} 没有给出有限值，保持浮点。</translation>
    </message>
    <message>
      <source>{0} gives token numbers [batch, length] of type int64; the network's input {1} takes {2} of type {3}.</source>
      <translation>{0} 给出 int64 类型的标记编号 [batch, length]；网络的输入 {1} 接受类型为 {3} 的 {2}。</translation>
    </message>
    <message>
      <source>{0} grid sampling of a rank {1} tensor</source>
      <translation>{1} 阶张量的 {0} 网格采样</translation>
    </message>
    <message>
      <source>{0} has an impossible shape</source>
      <translation>{0} 的形状不合法</translation>
    </message>
    <message>
      <source>{0} has another size than its shape</source>
      <translation>{0} 的大小与其形状不符</translation>
    </message>
    <message>
      <source>{0} has no function {1}</source>
      <translation>{0} 没有函数 {1}</translation>
    </message>
    <message>
      <source>{0} has no header</source>
      <translation>{0} 没有文件头</translation>
    </message>
    <message>
      <source>{0} has no layer called {1}</source>
      <translation>{0} 没有名为 {1} 的层</translation>
    </message>
    <message>
      <source>{0} has no original to be a share of</source>
      <translation>{0} 没有可作比例的原始值</translation>
    </message>
    <message>
      <source>{0} has no parameter “{1}”</source>
      <translation>{0} 没有参数“{1}”</translation>
    </message>
    <message>
      <source>{0} has no split called {1}</source>
      <translation>{0} 没有名为 {1} 的划分</translation>
    </message>
    <message>
      <source>{0} has no value</source>
      <translation>{0} 没有值</translation>
    </message>
    <message>
      <source>{0} has the splits {1}, not one piece</source>
      <translation>{0} 有 {1} 等划分，不是一个整体</translation>
    </message>
    <message>
      <source>{0} has {1} numbers for {2} axes</source>
      <translation>{0} 有 {1} 个数字，而轴有 {2} 个</translation>
    </message>
    <message>
      <source>{0} has {1} samples in {2}, and no number {3}</source>
      <translation>{0} 在 {2} 中有 {1} 个样本，没有编号 {3}</translation>
    </message>
    <message>
      <source>{0} have another shape: {1}</source>
      <translation>{0} 形状不同：{1}</translation>
    </message>
    <message>
      <source>{0} have no place: {1}</source>
      <translation>{0} 没有位置：{1}</translation>
    </message>
    <message>
      <source>{0} holds a {1}, not a torch.nn.Module</source>
      <translation>{0} 包含 {1}，而不是 torch.nn.Module</translation>
    </message>
    <message>
      <source>{0} holds a {1}, not the fields of a preprocessing file.</source>
      <translation>{0} 包含 {1}，而不是预处理文件的字段。</translation>
    </message>
    <message>
      <source>{0} holds no samples.</source>
      <translation>{0} 不包含样本。</translation>
    </message>
    <message>
      <source>{0} holds other files</source>
      <translation>{0} 中有其他文件</translation>
    </message>
    <message>
      <source>{0} holds texts, and the network takes numbers: name the tokenizer file (tokenizer.json of the `tokenizers` library) that it was trained with.</source>
      <translation>{0} 包含文本，而网络接受数字：请指定训练时所用的分词器文件（`tokenizers` 程序库的 tokenizer.json）。</translation>
    </message>
    <message>
      <source>{0} holds weights without a graph</source>
      <translation>{0} 只有权重，没有图</translation>
    </message>
    <message>
      <source>{0} is Python code, and building the network runs it</source>
      <translation>{0} 是 Python 代码，构建网络时会运行它</translation>
    </message>
    <message>
      <source>{0} is Python code, which can do anything on this computer that you can.</source>
      <translation>{0} 是 Python 代码，您在此计算机上能做的任何事它都能做。</translation>
    </message>
    <message>
      <source>{0} is TorchScript that cannot be converted: {1}</source>
      <translation>{0} 是无法转换的 TorchScript：{1}</translation>
    </message>
    <message>
      <source>{0} is a TorchScript archive that is damaged or of another version of torch ({1})</source>
      <translation>{0} 是已损坏或由其他版本的 torch 写出的 TorchScript 归档（{1}）</translation>
    </message>
    <message>
      <source>{0} is a TorchScript archive that {1}</source>
      <translation>TorchScript 归档 {0} {1}</translation>
    </message>
    <message>
      <source>{0} is a database, but not an Espalier project</source>
      <translation>{0} 是数据库，但不是 Espalier 项目</translation>
    </message>
    <message>
      <source>{0} is a file of torch.save that holds {1} (its content is a {2})</source>
      <translation>{0} 是 torch.save 的文件，包含 {1}（其内容是 {2}）</translation>
    </message>
    <message>
      <source>{0} is a file of torch.save that is cut short or damaged ({1})</source>
      <translation>{0} 是不完整或已损坏的 torch.save 文件（{1}）</translation>
    </message>
    <message>
      <source>{0} is a link that leads back to itself</source>
      <translation>{0} 是指回自身的链接</translation>
    </message>
    <message>
      <source>{0} is a number that is too large</source>
      <translation>{0} 是过大的数字</translation>
    </message>
    <message>
      <source>{0} is a pickled module, and opening it runs code: {1}</source>
      <translation>{0} 是 pickle 序列化的模块，打开时会运行代码：{1}</translation>
    </message>
    <message>
      <source>{0} is a project already</source>
      <translation>{0} 已是项目</translation>
    </message>
    <message>
      <source>{0} is a safetensors file that is damaged: {1}</source>
      <translation>{0} 是已损坏的 safetensors 文件：{1}</translation>
    </message>
    <message>
      <source>{0} is a zip archive that is cut short or damaged ({1})</source>
      <translation>{0} 是不完整或已损坏的 zip 归档（{1}）</translation>
    </message>
    <message>
      <source>{0} is an archive with {1} entries, which no model has</source>
      <translation>{0} 是含有 {1} 个条目的归档，不可能是模型</translation>
    </message>
    <message>
      <source>{0} is an exported program that is damaged or of another version of torch ({1})</source>
      <translation>{0} 是已损坏或由其他版本的 torch 写出的导出程序（{1}）</translation>
    </message>
    <message>
      <source>{0} is cut short or damaged: the values of {1} are missing</source>
      <translation>{0} 不完整或已损坏：缺少 {1} 的值</translation>
    </message>
    <message>
      <source>{0} is damaged: {1}</source>
      <translation>{0} 已损坏：{1}</translation>
    </message>
    <message>
      <source>{0} is empty</source>
      <translation>{0} 是空的</translation>
    </message>
    <message>
      <source>{0} is for the network as a whole and takes no rules</source>
      <translation>{0} 针对整个网络，不接受规则</translation>
    </message>
    <message>
      <source>{0} is no shape for input {1}</source>
      <translation>{0} 不是输入 {1} 的形状</translation>
    </message>
    <message>
      <source>{0} is no value for input {1} of shape {2}</source>
      <translation>{0} 不是形状为 {2} 的输入 {1} 的值</translation>
    </message>
    <message>
      <source>{0} is not Python code that {1}.{2} reads: {3}</source>
      <translation>{0} 不是 {1}.{2} 可读取的 Python 代码：{3}</translation>
    </message>
    <message>
      <source>{0} is not a JSON text.</source>
      <translation>{0} 不是 JSON 文本。</translation>
    </message>
    <message>
      <source>{0} is not a file name</source>
      <translation>{0} 不是文件名</translation>
    </message>
    <message>
      <source>{0} is not a model that can be read: it looks like {1}</source>
      <translation>{0} 不是可读取的模型：它看起来是{1}</translation>
    </message>
    <message>
      <source>{0} is not a number that a recipe can have</source>
      <translation>{0} 不是配方可以使用的数字</translation>
    </message>
    <message>
      <source>{0} is not a project</source>
      <translation>{0} 不是项目</translation>
    </message>
    <message>
      <source>{0} is not allowed here</source>
      <translation>此处不允许 {0}</translation>
    </message>
    <message>
      <source>{0} is not known</source>
      <translation>{0} 未知</translation>
    </message>
    <message>
      <source>{0} is not the shape of an input</source>
      <translation>{0} 不是输入的形状</translation>
    </message>
    <message>
      <source>{0} is not valid JSON: {1}, line {2}, column {3}.</source>
      <translation>{0} 不是有效的 JSON：{1}，第 {2} 行，第 {3} 列。</translation>
    </message>
    <message>
      <source>{0} is open in another window</source>
      <translation>{0} 已在另一个窗口中打开</translation>
    </message>
    <message>
      <source>{0} is too large to be Python code</source>
      <translation>{0} 太大，不可能是 Python 代码</translation>
    </message>
    <message>
      <source>{0} is too large to be a preprocessing file.</source>
      <translation>{0} 太大，不可能是预处理文件。</translation>
    </message>
    <message>
      <source>{0} is {1} that cannot be read: it is damaged, or uses what is not known here ({2}: {3})</source>
      <translation>{0} 是无法读取的{1}：它已损坏，或使用了未知的内容（{2}：{3}）</translation>
    </message>
    <message>
      <source>{0} is {1}, not a model file</source>
      <translation>{0} 是{1}，不是模型文件</translation>
    </message>
    <message>
      <source>{0} joins the channels with an axis of varying size.</source>
      <translation>{0} 将通道与大小可变的轴连接。</translation>
    </message>
    <message>
      <source>{0} joins them with values of a fixed size.</source>
      <translation>{0} 将其与固定大小的值连接。</translation>
    </message>
    <message>
      <source>{0} keeps the tensor {1} in {2}, where its {3} bytes do not fit (offset {4}, length {5}, file of {6} bytes)</source>
      <translation>{0} 将张量 {1} 存放在 {2} 中，但其 {3} 个字节放不下（偏移 {4}，长度 {5}，文件共 {6} 字节）</translation>
    </message>
    <message>
      <source>{0} keeps weights in {1}, but there is no such file beside it</source>
      <translation>{0} 将权重存放在 {1} 中，但旁边没有该文件</translation>
    </message>
    <message>
      <source>{0} left the grid of an earlier quantization and will be stored as float; put quantizing steps last.</source>
      <translation>{0} 离开了先前量化的网格，将存储为浮点；请将量化步骤放在最后。</translation>
    </message>
    <message>
      <source>{0} looks at all channels at once, so that removing some would change what is left.</source>
      <translation>{0} 同时观察所有通道，因此移除部分通道会改变剩余部分。</translation>
    </message>
    <message>
      <source>{0} looks its rows up by number.</source>
      <translation>{0} 按编号查找其行。</translation>
    </message>
    <message>
      <source>{0} may not be read by this user</source>
      <translation>此用户无权读取 {0}</translation>
    </message>
    <message>
      <source>{0} mixes the channels with an axis of varying size.</source>
      <translation>{0} 将通道与大小可变的轴混合。</translation>
    </message>
    <message>
      <source>{0} needs Python code that is not there: {1}</source>
      <translation>{0} 需要不存在的 Python 代码：{1}</translation>
    </message>
    <message>
      <source>{0} needs its data file {1}, which is not there</source>
      <translation>{0} 需要其数据文件 {1}，但该文件不存在</translation>
    </message>
    <message>
      <source>{0} normalizes them with an axis of varying size.</source>
      <translation>{0} 将其与大小可变的轴一起归一化。</translation>
    </message>
    <message>
      <source>{0} of the {1} values looked at are not finite numbers (NaN).</source>
      <translation>在查看的 {1} 个值中，{0} 个不是有限数 (NaN)。</translation>
    </message>
    <message>
      <source>{0} of {1} calibration samples were used, to bound memory.</source>
      <translation>使用了 {1} 个校准样本中的 {0} 个，以限制内存。</translation>
    </message>
    <message>
      <source>{0} of {1} is of type {2}, and networks that take and give numbers can be measured</source>
      <translation>{1} 的 {0} 类型为 {2}，只有输入和输出为数值的网络才能测量</translation>
    </message>
    <message>
      <source>{0} of {1} returns {2}, not a torch.nn.Module</source>
      <translation>{1} 的 {0} 返回 {2}，而不是 torch.nn.Module</translation>
    </message>
    <message>
      <source>{0} of {1} samples get another class</source>
      <translation>{1} 个样本中有 {0} 个得到不同的类别</translation>
    </message>
    <message>
      <source>{0} outputs</source>
      <translation>{0} 个输出</translation>
    </message>
    <message>
      <source>{0} pads or crops the channels.</source>
      <translation>{0} 对通道作填充或裁剪。</translation>
    </message>
    <message>
      <source>{0} picks channels by values that are computed.</source>
      <translation>{0} 按计算得出的值选取通道。</translation>
    </message>
    <message>
      <source>{0} product</source>
      <translation>{0} 乘积</translation>
    </message>
    <message>
      <source>{0} refers to data outside its folder: {1}</source>
      <translation>{0} 引用了其文件夹之外的数据：{1}</translation>
    </message>
    <message>
      <source>{0} samples are run: more would not fit in memory.</source>
      <translation>运行 {0} 个样本：更多会超出内存。</translation>
    </message>
    <message>
      <source>{0} samples of the training split are kept for validation.</source>
      <translation>训练划分中的 {0} 个样本留作验证。</translation>
    </message>
    <message>
      <source>{0} samples tell nothing</source>
      <translation>{0} 个样本不足以得出结论</translation>
    </message>
    <message>
      <source>{0} scores channels by their batch norm, and these have none (most ONNX files arrive with it folded into the layers before).</source>
      <translation>{0} 按批归一化为通道评分，而这些通道没有批归一化（大多数 ONNX 文件已将其折叠到前面的层中）。</translation>
    </message>
    <message>
      <source>{0} sees them as one axis and as several, of which only one can shrink.</source>
      <translation>{0} 将其同时视为一个轴和多个轴，其中只有一个能缩小。</translation>
    </message>
    <message>
      <source>{0} slides over them as over positions.</source>
      <translation>{0} 将其作为位置滑动处理。</translation>
    </message>
    <message>
      <source>{0} stored tensors are not used and are left out: {1}</source>
      <translation>{0} 个存储的张量未被使用，已略过：{1}</translation>
    </message>
    <message>
      <source>{0} sums over the channels together with values of a fixed size.</source>
      <translation>{0} 将通道与固定大小的值一起求和。</translation>
    </message>
    <message>
      <source>{0} takes every channel by itself.</source>
      <translation>{0} 单独处理每个通道。</translation>
    </message>
    <message>
      <source>{0} takes one of the channels by itself.</source>
      <translation>{0} 单独处理其中一个通道。</translation>
    </message>
    <message>
      <source>{0} takes the input {1} as {2}, not as a tensor</source>
      <translation>{0} 以 {2} 形式接受输入 {1}，而不是张量</translation>
    </message>
    <message>
      <source>{0} was left as it is: its inputs are NaN or infinite.</source>
      <translation>{0} 保持原样：其输入为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{0} was left as it is: its weights are NaN or infinite.</source>
      <translation>{0} 保持原样：其权重为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{0} was left as it is: its weights are also used elsewhere.</source>
      <translation>{0} 保持原样：其权重还在别处使用。</translation>
    </message>
    <message>
      <source>{0} was left as it is: no sample reaches it.</source>
      <translation>{0} 保持原样：没有样本到达它。</translation>
    </message>
    <message>
      <source>{0} was left as it is: the calibration data never reach it.</source>
      <translation>{0} 保持原样：校准数据从未到达它。</translation>
    </message>
    <message>
      <source>{0} was left as it is: with rank {1} it would need more MACs.</source>
      <translation>{0} 保持原样：秩为 {1} 时需要更多的 MACs。</translation>
    </message>
    <message>
      <source>{0} was left as it is: with rank {1} it would not be smaller.</source>
      <translation>{0} 保持原样：秩为 {1} 时不会变小。</translation>
    </message>
    <message>
      <source>{0} was left as it is: {1}</source>
      <translation>{0} 保持原样：{1}</translation>
    </message>
    <message>
      <source>{0} was not fitted: its inputs are NaN or infinite.</source>
      <translation>{0} 未作拟合：其输入为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{0} was not solved anew: {1}.</source>
      <translation>{0} 未重新求解：{1}。</translation>
    </message>
    <message>
      <source>{0} was pruned by an earlier step; its parts have no zeros.</source>
      <translation>{0} 已被先前步骤剪枝；其组成部分不含零。</translation>
    </message>
    <message>
      <source>{0} was quantized by an earlier step; its parts are stored as float.</source>
      <translation>{0} 已被先前步骤量化；其组成部分存储为浮点。</translation>
    </message>
    <message>
      <source>{0} was written by a newer version of Espalier (format {1}; this one reads {2})</source>
      <translation>{0} 由更新版本的 Espalier 写出（格式 {1}；本程序读取 {2}）</translation>
    </message>
    <message>
      <source>{0} weighs the channels against each other.</source>
      <translation>{0} 在通道之间相互加权。</translation>
    </message>
    <message>
      <source>{0} weights were computed from others at every call (as by weight normalization) and are now stored as they are: {1}</source>
      <translation>{0} 个权重原先在每次调用时由其他权重计算（如权重归一化），现按结果存储：{1}</translation>
    </message>
    <message>
      <source>{0} with {1}</source>
      <translation>{0}，使用 {1}</translation>
    </message>
    <message>
      <source>{0} works on fixed channels.</source>
      <translation>{0} 处理固定的通道。</translation>
    </message>
    <message>
      <source>{0} works on the channels in a way that is not understood.</source>
      <translation>{0} 处理通道的方式无法理解。</translation>
    </message>
    <message>
      <source>{0} would make a constant of {1} GB</source>
      <translation>{0} 会产生 {1} GB 的常量</translation>
    </message>
    <message>
      <source>{0} would make a tensor of {1} GB</source>
      <translation>{0} 会产生 {1} GB 的张量</translation>
    </message>
    <message>
      <source>{0} {1} instead of {2}</source>
      <translation>{0} {1}，而不是 {2}</translation>
    </message>
    <message>
      <source>{0} {1}; it was refused</source>
      <translation>{0} {1}；已拒绝</translation>
    </message>
    <message>
      <source>{0}, and {1} more samples cannot be read.</source>
      <translation>{0}，另有 {1} 个样本无法读取。</translation>
    </message>
    <message>
      <source>{0}, column {1}</source>
      <translation>{0}，列 {1}</translation>
    </message>
    <message>
      <source>{0}, field '{1}': {2}{3}.</source>
      <translation>{0}，字段“{1}”：{2}{3}。</translation>
    </message>
    <message>
      <source>{0}, line {1}</source>
      <translation>{0}，第 {1} 行</translation>
    </message>
    <message>
      <source>{0}, not {1}</source>
      <translation>{0}，而不是 {1}</translation>
    </message>
    <message>
      <source>{0}, row {1}</source>
      <translation>{0}，第 {1} 行</translation>
    </message>
    <message>
      <source>{0}, row {1}, column {2}</source>
      <translation>{0}，第 {1} 行，列 {2}</translation>
    </message>
    <message>
      <source>{0}: a limit cannot be {1}</source>
      <translation>{0}：上限不能为 {1}</translation>
    </message>
    <message>
      <source>{0}: at most {1} cannot be reached{2}; the least is {3}.</source>
      <translation>{0}：无法{2}达到至多 {1}；最小为 {3}。</translation>
    </message>
    <message>
      <source>{0}: few bits are made there of numbers whose last digits another runtime may compute differently, so that single answers may change; 8 bits are not as delicate.</source>
      <translation>{0}：此处由数值得出的位数很少，而其末位在其他运行时中的计算结果可能不同，因此个别答案可能改变；8 位则没有这么敏感。</translation>
    </message>
    <message>
      <source>{0}: its weight has a dimension of size zero ({1}).</source>
      <translation>{0}：其权重有大小为零的维度（{1}）。</translation>
    </message>
    <message>
      <source>{0}: its weights hold NaN or infinity.</source>
      <translation>{0}：其权重含有 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{0}: no layer with weights reads these channels; scored by magnitude.</source>
      <translation>{0}：没有带权重的层读取这些通道；按 magnitude 评分。</translation>
    </message>
    <message>
      <source>{0}: some of its weights are NaN or infinite, so it was left alone.</source>
      <translation>{0}：其部分权重为 NaN 或无穷大，因此不作处理。</translation>
    </message>
    <message>
      <source>{0}: stored as float, because the exporter changed the weights (batch norm?).</source>
      <translation>{0}：存储为浮点，因为导出程序改变了权重（批归一化？）。</translation>
    </message>
    <message>
      <source>{0}: this input has a dimension of size zero.</source>
      <translation>{0}：此输入有大小为零的维度。</translation>
    </message>
    <message>
      <source>{0}: {1} of the weights looked at are NaN or infinite</source>
      <translation>{0}：查看的权重中有 {1} 个为 NaN 或无穷大</translation>
    </message>
    <message>
      <source>{0}: {1} weights are beyond {2}, the largest number of {3}, and became that.</source>
      <translation>{0}：{1} 个权重超过 {3} 的最大数值 {2}，已变为该值。</translation>
    </message>
    <message>
      <source>{0}: {1} {2} of the file have this name.</source>
      <translation>{0}：文件中有 {1} 个{2}使用此名称。</translation>
    </message>
    <message>
      <source>{0}; it and what follows have no weights and are left out ({1} nodes: {2}), so the outputs are now {3}.</source>
      <translation>{0}；它及其后的部分没有权重，已略过（{1} 个节点：{2}），因此现在的输出为 {3}。</translation>
    </message>
    <message>
      <source>{0}; the network takes {1} ({2}).</source>
      <translation>{0}；网络接受 {1}（{2}）。</translation>
    </message>
    <message>
      <source>{0}; what the network takes is not known yet.</source>
      <translation>{0}；网络接受的形式尚未知。</translation>
    </message>
    <message>
      <source>{0}{1} where {2}{3} belongs</source>
      <translation>应为 {2}{3}，而不是 {0}{1}</translation>
    </message>
    <message>
      <source>{0}… is a number with too many digits</source>
      <translation>{0}… 是位数过多的数字</translation>
    </message>
    <message>
      <source>“*{0}” names nothing that stands before it</source>
      <translation>“*{0}”没有引用任何在它之前的内容</translation>
    </message>
    <message>
      <source>“{0}” belongs in {1}, not here</source>
      <translation>“{0}”属于{1}，不应出现在此处</translation>
    </message>
    <message>
      <source>“{0}” is a {1}, which is not a step of its own</source>
      <translation>“{0}”是{1}，不能单独作为步骤</translation>
    </message>
    <message>
      <source>“{0}” is given twice, here and in line {1}</source>
      <translation>“{0}”出现了两次，此处和第 {1} 行</translation>
    </message>
    <message>
      <source>“{0}” is gone by now: step {1} removes it or merges it into another</source>
      <translation>“{0}”此时已不存在：步骤 {1} 将其移除或并入其他层</translation>
    </message>
    <message>
      <source>“{0}” is not a loss.</source>
      <translation>“{0}”不是损失值。</translation>
    </message>
    <message>
      <source>“{0}” is not a part of a recipe</source>
      <translation>“{0}”不是配方的组成部分</translation>
    </message>
    <message>
      <source>“{0}” is not a {1}.</source>
      <translation>“{0}”不是{1}。</translation>
    </message>
    <message>
      <source>“{0}” matches no layer</source>
      <translation>“{0}”不与任何层匹配</translation>
    </message>
    <message>
      <source>“{0}” needs more memory than there is.</source>
      <translation>“{0}”所需内存超过现有内存。</translation>
    </message>
  </context>
</TS>
